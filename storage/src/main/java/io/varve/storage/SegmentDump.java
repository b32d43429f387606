// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.varve.record.BatchCheck;
import io.varve.record.BatchHeader;
import io.varve.storage.file.FileStore;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Shows what is in a segment file, batch by batch, also one that is damaged, and also beside a node that writes it. Changes nothing.
 *
 * <p><i>confined to one thread</i>
 */
public final class SegmentDump {
    private static final long NO_OFFSET = -1;

    private final StoreFile file;
    private final long fileBytes;
    private long position;
    private long expectedOffset = NO_OFFSET;

    private SegmentDump(StoreFile file) throws IOException {
        this.file = file;
        fileBytes = file.size();
    }

    /**
     * One batch, or what cannot be one.
     *
     * @param position where it begins in the file
     * @param sizeBytes up to the next one; to the end of the file if that cannot be found
     * @param header its header, to be read at 0 with the accessors of {@code BatchHeader}; read-only
     * @param problem what is wrong with it; if its length is not to be believed, it is the last one and its header means nothing
     */
    public record Batch(long position, long sizeBytes, ByteBuffer header, Optional<String> problem) {
        public long baseOffset() {
            return BatchHeader.baseOffset(header, 0);
        }

        public long lastOffset() {
            return BatchHeader.lastOffset(header, 0);
        }

        public int leaderEpoch() {
            return BatchHeader.partitionLeaderEpoch(header, 0);
        }

        public int recordCount() {
            return BatchHeader.recordCount(header, 0);
        }
    }

    /** Shows every batch in the order of the file. */
    public static void read(FileStore files, Path segment, Consumer<Batch> visitor) throws StorageException {
        try (StoreFile file = files.open(segment, FileStore.Mode.READ)) {
            SegmentDump dump = new SegmentDump(file);
            while (dump.position < dump.fileBytes) {
                visitor.accept(dump.next());
            }
        } catch (IOException e) {
            throw StorageException.of(segment + ": reading it", e);
        }
    }

    private Batch next() throws IOException {
        ByteBuffer header = ByteBuffer.allocate(BatchHeader.SIZE_BYTES);
        int read = file.read(header, position);
        long left = fileBytes - position;
        long size = read < BatchHeader.SIZE_BYTES
                ? left
                : (long) header.getInt(BatchHeader.LENGTH_AT) + BatchHeader.PREFIX_BYTES;
        if (read < BatchHeader.SIZE_BYTES || size < BatchHeader.SIZE_BYTES || size > left) {
            String why = header.getInt(BatchHeader.LENGTH_AT) == 0
                    ? "a length of zero ends the log; " + left + " bytes follow"
                    : "no batch: a size of " + size + ", " + left + " bytes are left";
            return batch(header, left, Optional.of(why));
        }
        return batch(header, size, check(header, (int) size));
    }

    private Optional<String> check(ByteBuffer header, int size) throws IOException {
        ByteBuf memory = UnpooledByteBufAllocator.DEFAULT.directBuffer(size, size);
        try {
            ByteBuffer whole = memory.nioBuffer(0, size);
            int read = file.read(whole, position);
            BatchCheck check = BatchCheck.check(whole, 0, read, Integer.MAX_VALUE);
            if (!check.isValid()) {
                return Optional.of(check.kind() + ": " + check.detail());
            }
        } finally {
            memory.release();
        }
        long baseOffset = BatchHeader.baseOffset(header, 0);
        return expectedOffset == NO_OFFSET || baseOffset == expectedOffset
                ? Optional.empty()
                : Optional.of("offset " + baseOffset + ", expected " + expectedOffset);
    }

    private Batch batch(ByteBuffer header, long size, Optional<String> problem) {
        Batch batch = new Batch(position, size, header.asReadOnlyBuffer(), problem);
        position += size;
        expectedOffset = BatchHeader.nextOffset(header, 0);
        return batch;
    }
}
