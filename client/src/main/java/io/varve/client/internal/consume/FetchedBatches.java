// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.consume;

import io.netty.buffer.ByteBuf;
import io.varve.client.internal.Connections;
import io.varve.record.BatchCheck;
import io.varve.record.BatchHeader;
import io.varve.record.BatchReader;
import io.varve.record.InvalidBatchException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Batches as they came in one message, read one after another. <i>Confined to the consumer's thread.</i> */
final class FetchedBatches {
    final int sizeBytes;
    private final ByteBuf owned;
    private final ByteBuffer bytes;
    private int nextAt;
    private @Nullable BatchReader reader;
    private int openAt = -1;

    /** Takes over the reference. */
    FetchedBatches(ByteBuf batches) {
        this.owned = batches;
        this.sizeBytes = batches.readableBytes();
        this.bytes = batches.nioBuffer();
        this.nextAt = bytes.position();
    }

    /**
     * The offset after the last batch, by the headers alone.
     *
     * @throws InvalidBatchException if they do not lead to the end
     */
    long endOffset() {
        int at = bytes.position();
        long end = 0;
        while (at < bytes.limit()) {
            int left = bytes.limit() - at;
            if (left < BatchHeader.SIZE_BYTES) {
                throw cut(at, BatchHeader.SIZE_BYTES, left);
            }
            int size = BatchHeader.sizeInBytes(bytes, at);
            if (size < BatchHeader.SIZE_BYTES || size > left) {
                throw cut(at, size, left);
            }
            end = BatchHeader.nextOffset(bytes, at);
            at += size;
        }
        return end;
    }

    /** The epoch of the leader that appended the last batch; after {@link #endOffset}, which checks the way there. */
    int lastLeaderEpoch() {
        int last = bytes.position();
        for (int at = last; at < bytes.limit(); at += BatchHeader.sizeInBytes(bytes, at)) {
            last = at;
        }
        return BatchHeader.partitionLeaderEpoch(bytes, last);
    }

    /** Opens batches until one has a record that was not read yet; null at the end. */
    @Nullable
    BatchReader current() {
        while (true) {
            BatchReader open = reader;
            if (open != null && open.hasNext()) {
                return open;
            }
            if (nextAt >= bytes.limit()) {
                return null;
            }
            int size = BatchHeader.sizeInBytes(bytes, nextAt);
            openAt = nextAt;
            nextAt += size;
            reader = BatchReader.of(
                    bytes.duplicate().position(openAt).limit(openAt + size), Connections.MAX_BATCH_BYTES);
        }
    }

    /** The base offset of the batch that {@link #current} opened last. */
    long baseOffset() {
        return openAt < 0 ? 0 : BatchHeader.baseOffset(bytes, openAt);
    }

    /** The epoch of the leader that appended the batch that is open. */
    int leaderEpoch() {
        return BatchHeader.partitionLeaderEpoch(bytes, openAt);
    }

    void release() {
        owned.release();
    }

    private static InvalidBatchException cut(int at, int size, int left) {
        return new InvalidBatchException(
                BatchCheck.Kind.TOO_SHORT, "batch of " + size + " bytes at byte " + at + ", " + left + " are there");
    }
}
