// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.replication.leader.ProducerStates;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the producers' state beside the log now and then (P41). *Confined to the partition loop*; the writing happens on the given pool. */
final class ProducerSnapshots {
    private static final Logger LOG = LoggerFactory.getLogger(ProducerSnapshots.class);

    private static final CompletableFuture<Void> NOTHING = CompletableFuture.completedFuture(null);

    private final String partition;
    private final PartitionLog log;
    private final Executor io;
    private long newestEndOffset;
    private CompletableFuture<Void> newest = NOTHING;

    ProducerSnapshots(String partition, PartitionLog log, Executor io) {
        this.partition = partition;
        this.log = log;
        this.io = io;
    }

    /**
     * Keeps {@code states}, which hold as of {@code endOffset}. The log is flushed up to there first: a snapshot ahead of the log would know batches
     * that a crash took away. A failure is logged and costs only a longer replay.
     */
    CompletableFuture<Void> take(ProducerStates states, long endOffset) {
        if (endOffset == newestEndOffset || states.size() == 0) {
            return CompletableFuture.completedFuture(null);
        }
        newestEndOffset = endOffset;
        ByteBuffer bytes = states.encode();
        newest = newest.thenCompose(none -> log.flush())
                .thenRunAsync(() -> write(endOffset, bytes), io)
                .exceptionally(failure -> {
                    LOG.warn(
                            "partition {}: no producer snapshot at {}: {}", partition, endOffset, failure.getMessage());
                    return null;
                });
        return newest;
    }

    /** What is kept before the log's start moves, and to where. */
    interface Preparation {
        long prepare() throws StorageException;
    }

    /** Prepares a move of the log's start and makes it, after what is being written and before the log is cut. */
    CompletableFuture<Long> moving(Preparation preparation, Function<Long, CompletableFuture<Long>> move) {
        CompletableFuture<Long> moved = newest.thenApplyAsync(
                        none -> {
                            try {
                                return preparation.prepare();
                            } catch (StorageException e) {
                                throw new CompletionException(e);
                            }
                        },
                        io)
                .thenCompose(move);
        newest = moved.handle((start, failure) -> null);
        return moved;
    }

    /** Completes when nothing is being written and the start does not move: what the log is cut to then must not get a snapshot of before (P41). */
    CompletableFuture<Void> settled() {
        return newest;
    }

    private void write(long endOffset, ByteBuffer bytes) {
        try {
            if (log.flushedEndOffset() >= endOffset) {
                log.writeProducerSnapshot(endOffset, bytes);
            }
        } catch (StorageException e) {
            throw new CompletionException(e);
        }
    }
}
