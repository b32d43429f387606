// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.file;

import io.varve.storage.file.FileStore.Mode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A file that is replaced as a whole, so that at any moment, also after a power loss, either the old or the new one is there (P35).
 *
 * <pre>
 * 0   magic    int64   what the file is, with its version
 * 8   length   int32   of the content
 * 12  crc      uint32  CRC32C of everything before it and of the content
 * 16  content
 * </pre>
 */
public final class SmallFile {
    private static final int LENGTH_AT = Long.BYTES;
    private static final int CRC_AT = LENGTH_AT + Integer.BYTES;
    private static final int CONTENT_AT = CRC_AT + Integer.BYTES;

    private SmallFile() {}

    /** Durable when it returns: written beside the old one, flushed, renamed over it, and the directory flushed. */
    public static void replace(FileStore files, Path path, long magic, ByteBuffer content) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(CONTENT_AT + content.remaining());
        bytes.putLong(magic).putInt(content.remaining()).putInt(0).put(content.duplicate());
        bytes.putInt(CRC_AT, crc(bytes)).flip();
        replaceRaw(files, path, bytes);
    }

    /** {@link #replace} for a file of another shape. */
    public static void replaceRaw(FileStore files, Path path, ByteBuffer bytes) throws IOException {
        Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
        try (StoreFile file = files.open(temporary, Mode.REPLACE)) {
            file.writeFully(bytes, 0);
            file.force();
        }
        files.rename(temporary, path);
        Path parent = path.getParent();
        if (parent != null) {
            files.forceDirectory(parent);
        }
    }

    /** The content; empty if the file is absent, empty, torn, damaged or something else. */
    public static Optional<ByteBuffer> read(FileStore files, Path path, long magic) throws IOException {
        if (!files.exists(path)) {
            return Optional.empty();
        }
        ByteBuffer bytes = readRaw(files, path);
        boolean whole = bytes.limit() >= CONTENT_AT
                && bytes.getLong(0) == magic
                && bytes.getInt(LENGTH_AT) == bytes.limit() - CONTENT_AT
                && bytes.getInt(CRC_AT) == crc(bytes);
        return whole ? Optional.of(bytes.position(CONTENT_AT).slice()) : Optional.empty();
    }

    /** Everything in a file that is small. */
    public static ByteBuffer readRaw(FileStore files, Path path) throws IOException {
        try (StoreFile file = files.open(path, Mode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
            file.read(bytes, 0);
            return bytes.flip();
        }
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.array(), 0, CRC_AT);
        crc.update(bytes.array(), CONTENT_AT, bytes.capacity() - CONTENT_AT);
        return (int) crc.getValue();
    }
}
