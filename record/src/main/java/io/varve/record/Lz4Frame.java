// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import java.io.IOException;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import net.jpountz.xxhash.XXHash32;
import net.jpountz.xxhash.XXHashFactory;

/**
 * The LZ4 frame format as Kafka's clients use it: independent blocks, no dictionary.
 *
 * <pre>
 * magic 0x184d2204 | FLG | BD | [content size int64] | header checksum int8
 * | block...  | end mark int32 0 | [content checksum int32]
 * block: size int32, highest bit: stored as is | bytes | [block checksum int32]
 * </pre>
 *
 * Integers are little-endian. The batch's CRC32C covers everything, so that the content checksum is not checked again. <i>Thread-safe.</i>
 */
final class Lz4Frame {
    private static final int MAGIC = 0x184d2204;
    private static final int FLG_VERSION = 0x40;
    private static final int FLG_VERSION_MASK = 0xc0;
    private static final int FLG_INDEPENDENT = 0x20;
    private static final int FLG_BLOCK_CHECKSUM = 0x10;
    private static final int FLG_CONTENT_SIZE = 0x08;
    private static final int FLG_CONTENT_CHECKSUM = 0x04;
    private static final int FLG_DICTIONARY = 0x01;
    private static final int BD_64_KIB = 4;
    private static final int BD_SHIFT = 4;
    private static final int BLOCK_BYTES = 64 * 1024;
    private static final int STORED = 0x80000000;
    /** One byte of a length codes at most 255 bytes; the rest is a literal and the end of a match. */
    private static final int RATIO_MAX = 255;

    private static final int RATIO_SLACK_BYTES = 64;

    private static final LZ4Factory LZ4 = LZ4Factory.fastestInstance();
    private static final LZ4Compressor COMPRESSOR = LZ4.fastCompressor();
    private static final LZ4SafeDecompressor DECOMPRESSOR = LZ4.safeDecompressor();
    private static final XXHash32 HASH = XXHashFactory.fastestInstance().hash32();

    private final byte[] source;
    private final int end;
    private int position;

    private Lz4Frame(byte[] source, int at, int length) {
        this.source = source;
        this.position = at;
        this.end = at + length;
    }

    static void compress(byte[] source, int at, int length, ByteSink target) {
        target.writeIntLittleEndian(MAGIC);
        byte[] descriptor = {FLG_VERSION | FLG_INDEPENDENT, BD_64_KIB << BD_SHIFT};
        target.write(descriptor, 0, descriptor.length);
        target.write(HASH.hash(descriptor, 0, descriptor.length, 0) >>> 8);
        for (int done = 0; done < length; done += BLOCK_BYTES) {
            int block = Math.min(BLOCK_BYTES, length - done);
            int sizeAt = target.size();
            target.reserve(Integer.BYTES + COMPRESSOR.maxCompressedLength(block));
            target.skip(Integer.BYTES);
            int size = COMPRESSOR.compress(source, at + done, block, target.array(), target.size());
            if (size < block) {
                putSize(target.array(), sizeAt, size);
                target.skip(size);
            } else {
                putSize(target.array(), sizeAt, block | STORED);
                target.write(source, at + done, block);
            }
        }
        target.writeIntLittleEndian(0);
    }

    static void decompress(byte[] source, int at, int length, ByteSink target) throws IOException {
        new Lz4Frame(source, at, length).read(target);
    }

    private void read(ByteSink target) throws IOException {
        if (readInt() != MAGIC) {
            throw new IOException("not an LZ4 frame");
        }
        int descriptorAt = position;
        require(2);
        int flags = source[position++];
        int blockMax = blockMax(source[position++]);
        if ((flags & FLG_VERSION_MASK) != FLG_VERSION || (flags & FLG_DICTIONARY) != 0) {
            throw new IOException("frame flags 0x" + Integer.toHexString(flags & 0xff) + " are not supported");
        }
        if ((flags & FLG_INDEPENDENT) == 0) {
            throw new IOException("linked blocks are not supported");
        }
        if ((flags & FLG_CONTENT_SIZE) != 0) {
            skip(Long.BYTES);
        }
        byte headerChecksum = (byte) (HASH.hash(source, descriptorAt, position - descriptorAt, 0) >>> 8);
        require(1);
        if (source[position++] != headerChecksum) {
            throw new IOException("header checksum differs");
        }
        for (int size = readInt(); size != 0; size = readInt()) {
            block(size, blockMax, target);
            skip((flags & FLG_BLOCK_CHECKSUM) == 0 ? 0 : Integer.BYTES);
        }
        skip((flags & FLG_CONTENT_CHECKSUM) == 0 ? 0 : Integer.BYTES);
    }

    private void block(int sizeField, int blockMax, ByteSink target) throws IOException {
        int size = sizeField & ~STORED;
        if (size > blockMax) {
            throw new IOException("block of " + size + " bytes, the frame allows " + blockMax);
        }
        require(size);
        if ((sizeField & STORED) != 0) {
            target.write(source, position, size);
        } else {
            int most = (int) Math.min(blockMax, (long) size * RATIO_MAX + RATIO_SLACK_BYTES);
            int allowed = Math.min(most, target.room());
            target.reserve(allowed);
            try {
                target.skip(DECOMPRESSOR.decompress(source, position, size, target.array(), target.size(), allowed));
            } catch (LZ4Exception e) {
                target.reserve(most); // throws when the limit, not the input, was the reason
                throw e;
            }
        }
        position += size;
    }

    private static int blockMax(int blockDescriptor) throws IOException {
        int code = blockDescriptor >>> BD_SHIFT & 0x07;
        if (code < BD_64_KIB) {
            throw new IOException("block size code " + code);
        }
        return BLOCK_BYTES << 2 * (code - BD_64_KIB);
    }

    private int readInt() throws IOException {
        require(Integer.BYTES);
        int value = source[position] & 0xff
                | (source[position + 1] & 0xff) << 8
                | (source[position + 2] & 0xff) << 16
                | (source[position + 3] & 0xff) << 24;
        position += Integer.BYTES;
        return value;
    }

    private void skip(int count) throws IOException {
        require(count);
        position += count;
    }

    private void require(int count) throws IOException {
        if (count > end - position) {
            throw new IOException("frame ends early: " + count + " bytes wanted, " + (end - position) + " are left");
        }
    }

    private static void putSize(byte[] target, int at, int value) {
        target[at] = (byte) value;
        target[at + 1] = (byte) (value >>> 8);
        target[at + 2] = (byte) (value >>> 16);
        target[at + 3] = (byte) (value >>> 24);
    }
}
