// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import java.io.IOException;
import java.util.Arrays;
import org.xerial.snappy.Snappy;

/**
 * Snappy as Java clients frame it: a 16-byte header, then blocks of [compressed length int32][raw snappy]. Other clients send one raw block without a
 * header, which is read too. <i>Thread-safe.</i>
 */
final class SnappyFrames {
    private static final byte[] MAGIC = {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
    private static final int VERSION = 1;
    private static final int OLDEST_READER_VERSION = 1;
    private static final int HEADER_BYTES = MAGIC.length + 2 * Integer.BYTES;
    private static final int BLOCK_BYTES = 32 * 1024;
    /** The best a snappy block can do is 64 bytes for 3; a block that declares more is damaged. */
    private static final int RATIO_MAX = 32;

    private SnappyFrames() {}

    static void compress(byte[] source, int at, int length, ByteSink target) {
        target.write(MAGIC, 0, MAGIC.length);
        target.writeIntBigEndian(VERSION);
        target.writeIntBigEndian(OLDEST_READER_VERSION);
        for (int done = 0; done < length; done += BLOCK_BYTES) {
            int block = Math.min(BLOCK_BYTES, length - done);
            byte[] compressed = new byte[Snappy.maxCompressedLength(block)];
            try {
                int size = Snappy.compress(source, at + done, block, compressed, 0);
                target.writeIntBigEndian(size);
                target.write(compressed, 0, size);
            } catch (IOException e) {
                throw new IllegalStateException("snappy cannot compress " + block + " bytes", e);
            }
        }
    }

    static void decompress(byte[] source, int at, int length, ByteSink target) throws IOException {
        int end = at + length;
        if (length < HEADER_BYTES || !Arrays.equals(source, at, at + MAGIC.length, MAGIC, 0, MAGIC.length)) {
            block(source, at, length, target);
            return;
        }
        int position = at + HEADER_BYTES;
        while (position < end) {
            if (end - position < Integer.BYTES) {
                throw new IOException((end - position) + " bytes where a block length should be");
            }
            int size = (source[position] & 0xff) << 24
                    | (source[position + 1] & 0xff) << 16
                    | (source[position + 2] & 0xff) << 8
                    | (source[position + 3] & 0xff);
            position += Integer.BYTES;
            if (size < 0 || size > end - position) {
                throw new IOException("block of " + size + " bytes, " + (end - position) + " are left");
            }
            block(source, position, size, target);
            position += size;
        }
    }

    private static void block(byte[] source, int at, int size, ByteSink target) throws IOException {
        int declared = Snappy.uncompressedLength(source, at, size);
        if (declared < 0 || declared > (long) size * RATIO_MAX) {
            throw new IOException("block of " + size + " bytes declares " + declared);
        }
        // The native decoder writes exactly what is declared, or fails; so the room must be there.
        target.reserve(declared);
        target.skip(Snappy.uncompress(source, at, size, target.array(), target.size()));
    }
}
