// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.varve.record.BatchHeader;
import io.varve.replication.leader.ProducerStates;
import io.varve.storage.PartitionLog;
import io.varve.storage.ProducerSnapshot;
import io.varve.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What a log's start stands on: the producers as of it are kept on disk before it moves, since what they were told from goes with the records (P41).
 * Whoever begins anew is given them. Blocks on files.
 */
public final class LogStarts {
    /**
     * From where another log can begin.
     *
     * @param offset where the batch begins that holds the offset that was asked for
     * @param producers as of there, by {@link ProducerStates#encode}
     */
    public record Point(long offset, ByteBuffer producers) {}

    /** More than 80,000 producers: those that were silent longest are not told of. */
    private static final int SHIPPED_BYTES_MAX = 8 << 20;

    private LogStarts() {}

    /** Before the start moves to {@code offset}. */
    public static void keepProducers(PartitionLog log, String partition, long offset, long nowMillis)
            throws StorageException {
        if (offset <= log.logStartOffset()) {
            return;
        }
        Optional<ProducerSnapshot> kept = log.producerSnapshot(offset);
        if (kept.isEmpty() || kept.get().endOffset() < offset) {
            ProducerStates states = ProducerReplay.upTo(log, partition, offset, nowMillis);
            if (states.size() > 0) {
                log.writeProducerSnapshot(offset, states.encode());
            }
        }
    }

    /** At {@code offset}, or at the log's start if that has moved above it. */
    public static Point at(PartitionLog log, String partition, long offset, ByteBufAllocator allocator, long nowMillis)
            throws StorageException {
        long wanted = Math.max(offset, log.logStartOffset());
        long base = wanted;
        ByteBuf first = log.read(wanted, 1, log.writtenEndOffset(), allocator);
        try {
            if (first.readableBytes() >= BatchHeader.SIZE_BYTES) {
                base = BatchHeader.baseOffset(first.nioBuffer(), 0);
            }
        } finally {
            first.release();
        }
        return new Point(
                base, ProducerReplay.upTo(log, partition, wanted, nowMillis).encode(SHIPPED_BYTES_MAX));
    }
}
