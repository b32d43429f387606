// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.file.FileStore;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * A file of sorted pairs, looked up by halving in the file itself. It is open only while it is used: a node has thousands of them.
 *
 * <pre>
 * 0  key    int64   never falls from entry to entry
 * 8  value  int32
 * 12 crc    uint32  CRC32C of the segment's base offset, key and value: tells a torn or foreign entry
 * </pre>
 *
 * <i>immutable</i>; the file grows by one writer
 */
final class IndexFile {
    static final int VALUE_AT = Long.BYTES;
    static final int CRC_AT = VALUE_AT + Integer.BYTES;
    static final int ENTRY_BYTES = CRC_AT + Integer.BYTES;

    private final FileStore files;
    private final Path directory;
    private final String suffix;
    private final long baseOffset;

    IndexFile(FileStore files, Path directory, String suffix, long baseOffset) {
        this.files = files;
        this.directory = directory;
        this.suffix = suffix;
        this.baseOffset = baseOffset;
    }

    /** Made when it is needed: a node has thousands of index files that nobody touches. */
    Path path() {
        return directory.resolve(SegmentNames.of(baseOffset, suffix));
    }

    void putEntry(ByteBuffer into, long key, int value) {
        int start = into.position();
        into.putLong(key).putInt(value);
        into.putInt(crc(into, start));
    }

    /** Writes whole entries after the first {@code count} ones; what stood there is overwritten. */
    void write(ByteBuffer entries, int count) throws IOException {
        // the first entries also end a file that somebody else has left
        FileStore.Mode mode = count > 0 ? FileStore.Mode.WRITE : FileStore.Mode.REPLACE;
        try (StoreFile file = files.open(path(), mode)) {
            file.writeFully(entries, (long) count * ENTRY_BYTES);
        }
    }

    /** Position of the buffer: the last of the first {@code count} entries whose key is at most {@code key}; limit 0 if there is none. */
    ByteBuffer floor(long key, int count) throws IOException, DamagedIndexException {
        ByteBuffer probe = ByteBuffer.allocate(ENTRY_BYTES);
        ByteBuffer found = ByteBuffer.allocate(ENTRY_BYTES).limit(0);
        try (StoreFile file = files.open(path(), FileStore.Mode.READ)) {
            int low = 0;
            int high = count - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                probe.clear();
                file.read(probe, (long) middle * ENTRY_BYTES);
                if (!isEntry(probe.flip(), 0)) {
                    throw new DamagedIndexException(path() + ": entry " + middle + " of " + count + " is damaged");
                }
                if (probe.getLong(0) <= key) {
                    ByteBuffer better = found;
                    found = probe;
                    probe = better;
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
        }
        return found;
    }

    /** The whole file; empty if there is none. */
    ByteBuffer readAll() throws IOException {
        if (!files.exists(path())) {
            return ByteBuffer.allocate(0);
        }
        try (StoreFile file = files.open(path(), FileStore.Mode.READ)) {
            ByteBuffer all = ByteBuffer.allocate((int) Math.min(file.size(), Integer.MAX_VALUE - ENTRY_BYTES));
            file.read(all, 0);
            return all.flip();
        }
    }

    /** The last entry of a file that is whole entries long; limit 0 if there is none, or if it is damaged. */
    ByteBuffer last() throws IOException {
        ByteBuffer entry = ByteBuffer.allocate(ENTRY_BYTES);
        if (files.exists(path())) {
            try (StoreFile file = files.open(path(), FileStore.Mode.READ)) {
                long size = file.size();
                if (size >= ENTRY_BYTES && size % ENTRY_BYTES == 0) {
                    file.read(entry, size - ENTRY_BYTES);
                }
            }
        }
        return isEntry(entry.flip(), 0) ? entry : entry.limit(0);
    }

    int countInFile() throws IOException {
        try (StoreFile file = files.open(path(), FileStore.Mode.READ)) {
            return (int) (file.size() / ENTRY_BYTES);
        }
    }

    /** Cuts the file to its first {@code count} entries, durably: an old entry must not come back behind new ones. */
    void cut(int count) throws IOException {
        if (!files.exists(path())) {
            return;
        }
        try (StoreFile file = files.open(path(), FileStore.Mode.WRITE)) {
            file.truncate((long) count * ENTRY_BYTES);
            FlushFailedException.force(file);
        }
    }

    void delete() throws IOException {
        files.delete(path());
    }

    boolean isEntry(ByteBuffer bytes, int at) {
        return bytes.limit() - at >= ENTRY_BYTES && crc(bytes, at) == bytes.getInt(at + CRC_AT);
    }

    private int crc(ByteBuffer bytes, int at) {
        CRC32C crc = new CRC32C();
        ByteBuffer base = ByteBuffer.allocate(Long.BYTES).putLong(0, baseOffset);
        crc.update(base);
        crc.update(bytes.array(), at, CRC_AT);
        return (int) crc.getValue();
    }

    @Override
    public String toString() {
        return path().toString();
    }
}
