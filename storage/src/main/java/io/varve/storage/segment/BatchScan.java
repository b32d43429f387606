// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.varve.record.BatchHeader;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads and fully checks one batch after another: what recovery does above the recovery point (P33).
 *
 * <p><i>confined to one thread</i>
 */
final class BatchScan implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 20;

    private final StoreFile file;
    private final long limit;
    private final int maxBatchBytes;
    private final EpochChain chain;
    private ByteBuf memory;
    private ByteBuffer buffer;
    private long bufferPosition;
    private long position;
    private long offset;
    private int sizeBytes;
    private @Nullable String problem;

    BatchScan(StoreFile file, long position, long limit, long offset, int maxBatchBytes, EpochChain chain) {
        this.file = file;
        this.position = position;
        this.limit = limit;
        this.offset = offset;
        this.maxBatchBytes = maxBatchBytes;
        this.chain = chain;
        memory = UnpooledByteBufAllocator.DEFAULT.directBuffer(
                (int) Math.max(BatchHeader.SIZE_BYTES, Math.min(BUFFER_BYTES, limit - position)));
        buffer = memory.nioBuffer(0, memory.capacity());
        buffer.limit(0);
    }

    /** Loads and checks the next batch; false at the limit and at the first wrong one. */
    boolean next() throws IOException {
        if (position >= limit || problem != null) {
            return false;
        }
        long remaining = limit - position;
        if (available() < BatchHeader.SIZE_BYTES) {
            load(remaining);
        }
        if (available() >= BatchHeader.SIZE_BYTES) {
            long size = (long) buffer.getInt(at() + BatchHeader.LENGTH_AT) + BatchHeader.PREFIX_BYTES;
            // a length that cannot be right is left to the verdict: no memory for it
            if (size > available() && size <= remaining && size <= maxBatchBytes) {
                reserve((int) size);
                load(remaining);
            }
        }
        problem = BatchVerdict.problem(buffer, at(), available(), maxBatchBytes, offset, chain);
        sizeBytes = problem == null ? BatchHeader.sizeInBytes(buffer, at()) : 0;
        return problem == null;
    }

    private int available() {
        return (int) (buffer.limit() - (position - bufferPosition));
    }

    private void reserve(int size) {
        if (size > memory.capacity()) {
            memory.release();
            memory = UnpooledByteBufAllocator.DEFAULT.directBuffer(size);
            buffer = memory.nioBuffer(0, memory.capacity());
        }
    }

    private void load(long remaining) throws IOException {
        buffer.clear().limit((int) Math.min(buffer.capacity(), remaining));
        int read = file.read(buffer, position);
        buffer.position(0).limit(read);
        bufferPosition = position;
    }

    /** Steps over the batch that was loaded. */
    void step() {
        offset = BatchHeader.nextOffset(buffer, at());
        position += sizeBytes;
    }

    ByteBuffer batch() {
        return buffer;
    }

    int at() {
        return (int) (position - bufferPosition);
    }

    long position() {
        return position;
    }

    long offset() {
        return offset;
    }

    /** Why {@link #next} stopped before the limit. */
    @Nullable
    String problem() {
        return problem;
    }

    /** Whether only zeros follow, which a file may end in: space that was made ready and not used. */
    boolean onlyZerosFollow() throws IOException {
        ByteBuffer block = ByteBuffer.allocate(64 * 1024);
        long at = position;
        while (at < limit) {
            block.clear().limit((int) Math.min(block.capacity(), limit - at));
            int read = file.read(block, at);
            if (read == 0) {
                return true;
            }
            for (int i = 0; i < read; i++) {
                if (block.get(i) != 0) {
                    return false;
                }
            }
            at += read;
        }
        return true;
    }

    @Override
    public void close() {
        memory.release();
    }
}
