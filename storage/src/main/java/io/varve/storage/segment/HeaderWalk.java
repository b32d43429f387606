// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.record.BatchHeader;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Steps from batch header to batch header of one segment without reading the records: cheap, and so a check of structure only. It believes a header
 * that has the right format version, begins at the expected offset and ends within the limit.
 *
 * <p><i>confined to one thread</i>
 */
final class HeaderWalk {
    /** Several headers when batches are small, and not much waste when they are large. */
    private static final int BLOCK_BYTES = 8 * 1024;

    private final StoreFile file;
    private final long limit;
    private final ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
    private long blockPosition;
    private long position;
    private long offset;
    private long previousPosition = -1;
    private long previousOffset;
    private int sizeBytes;
    private @Nullable String problem;

    /** Begins at a batch that stands at {@code position} and must begin at {@code offset}. */
    HeaderWalk(StoreFile file, long position, long limit, long offset) {
        this.file = file;
        this.position = position;
        this.limit = limit;
        this.offset = offset;
        block.limit(0);
    }

    /** Loads the next header; false at the limit, and at a header that cannot be believed. */
    boolean next() throws IOException {
        if (position >= limit || problem != null) {
            return false;
        }
        load();
        long available = limit - position;
        if (block.limit() - at() < BatchHeader.SIZE_BYTES) {
            return refuse(available + " bytes are no header");
        }
        long size = (long) block.getInt(at() + BatchHeader.LENGTH_AT) + BatchHeader.PREFIX_BYTES;
        if (BatchHeader.magic(block, at()) != BatchHeader.MAGIC || size < BatchHeader.SIZE_BYTES) {
            return refuse("no header");
        }
        if (size > available) {
            return refuse("a batch of " + size + " bytes, " + available + " are there");
        }
        if (BatchHeader.baseOffset(block, at()) != offset || BatchHeader.lastOffsetDelta(block, at()) < 0) {
            return refuse("a batch at offset " + BatchHeader.baseOffset(block, at()) + ", expected " + offset);
        }
        sizeBytes = (int) size;
        return true;
    }

    private boolean refuse(String why) {
        problem = why;
        return false;
    }

    private void load() throws IOException {
        long at = position - blockPosition;
        if (at >= 0 && at + BatchHeader.SIZE_BYTES <= block.limit()) {
            return;
        }
        block.clear().limit((int) Math.min(BLOCK_BYTES, limit - position));
        int read = file.read(block, position);
        block.position(0).limit(read);
        blockPosition = position;
    }

    /** Steps over the batch whose header is loaded. */
    void step() {
        previousPosition = position;
        previousOffset = offset;
        offset = BatchHeader.nextOffset(block, at());
        position += sizeBytes;
    }

    ByteBuffer header() {
        return block;
    }

    int at() {
        return (int) (position - blockPosition);
    }

    /** Where the walk stands in the file. */
    long position() {
        return position;
    }

    /** The offset that begins there. */
    long offset() {
        return offset;
    }

    long nextOffset() {
        return BatchHeader.nextOffset(block, at());
    }

    long maxTimestamp() {
        return BatchHeader.maxTimestamp(block, at());
    }

    int leaderEpoch() {
        return BatchHeader.partitionLeaderEpoch(block, at());
    }

    /** Where the batch stands that was stepped over last, -1 if none was. */
    long previousPosition() {
        return previousPosition;
    }

    long previousOffset() {
        return previousOffset;
    }

    /** Why {@link #next} stopped before the limit. */
    @Nullable
    String problem() {
        return problem;
    }
}
