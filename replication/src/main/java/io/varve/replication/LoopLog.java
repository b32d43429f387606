// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.replication.leader.ProducerStates;
import io.varve.storage.Chunk;
import io.varve.storage.LogTail;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The replica's log: what is staged for the disk is also kept in the tail, and what the disk does later comes back as an event of the loop. *Confined to
 * the partition loop.*
 */
final class LoopLog extends TailedLog {
    private final String partition;
    private final PartitionLoop loop;
    private final PartitionRuntime runtime;
    private final ProducerSnapshots snapshots;
    private final Runnable afterCompletion;

    /** @param afterCompletion runs after each completion, in the same event */
    LoopLog(
            String partition,
            PartitionLog log,
            LogTail tail,
            PartitionLoop loop,
            PartitionRuntime runtime,
            ProducerSnapshots snapshots,
            Runnable afterCompletion) {
        super(log, tail);
        this.partition = partition;
        this.loop = loop;
        this.runtime = runtime;
        this.snapshots = snapshots;
        this.afterCompletion = afterCompletion;
    }

    @Override
    public void truncateTo(long offset, Done done) {
        tail.truncateTo(offset);
        complete(snapshots.settled().thenCompose(none -> log.truncateTo(offset)), done);
    }

    @Override
    public void resetTo(long offset, Done done) {
        tail.clear();
        complete(snapshots.settled().thenCompose(none -> log.resetTo(offset)), done);
    }

    @Override
    public void reopen(Done done) {
        complete(
                log.failure().isPresent() ? log.reopen() : CompletableFuture.completedFuture(log.stagedEndOffset()),
                done);
    }

    @Override
    public void moveStart(long offset, long highWatermark, boolean durably, Done done) {
        long nowMillis = loop.nowMillis();
        complete(
                snapshots.moving(
                        () -> {
                            LogStarts.keepProducers(log, partition, Math.min(offset, highWatermark), nowMillis);
                            return offset;
                        },
                        to -> durably ? log.advanceLogStart(to, highWatermark) : log.expireBelow(to, highWatermark)),
                done);
    }

    @Override
    public void retain(long nowMillis, long highWatermark, Done done) {
        complete(
                snapshots.moving(
                        () -> {
                            long to = log.retentionStart(nowMillis, highWatermark);
                            LogStarts.keepProducers(log, partition, to, nowMillis);
                            return to;
                        },
                        to -> to > log.logStartOffset()
                                ? log.expireBelow(to, highWatermark)
                                : CompletableFuture.completedFuture(to)),
                done);
    }

    @Override
    public void keepProducers(ByteBuffer encoded, Done done) {
        long start = log.logStartOffset();
        complete(
                snapshots.moving(
                        () -> {
                            log.writeProducerSnapshot(start, encoded);
                            return start;
                        },
                        CompletableFuture::completedFuture),
                done);
    }

    @Override
    public void startingPoint(long offset, StartCompletion completion) {
        long nowMillis = loop.nowMillis();
        var unused = CompletableFuture.supplyAsync(() -> startAt(offset, nowMillis), runtime.coldReads())
                .whenComplete((point, failure) -> post(() -> {
                    if (failure == null) {
                        completion.found(point.offset(), point.producers());
                    } else {
                        completion.failed(
                                String.valueOf(causeOf(failure).getMessage()),
                                kindOf(failure) == StorageException.Kind.DAMAGED);
                    }
                }));
    }

    private LogStarts.Point startAt(long offset, long nowMillis) {
        try {
            return LogStarts.at(log, partition, offset, runtime.allocator(), nowMillis);
        } catch (StorageException e) {
            throw new CompletionException(e);
        }
    }

    private void complete(CompletableFuture<Long> change, Done done) {
        var unused = change.whenComplete((end, failure) -> post(() -> {
            if (failure == null) {
                done.done(end);
            } else {
                done.failed(kindOf(failure), String.valueOf(causeOf(failure).getMessage()));
            }
        }));
    }

    @Override
    public void replayProducers(ProducersDone done) {
        long nowMillis = loop.nowMillis();
        var unused = CompletableFuture.supplyAsync(() -> replay(nowMillis), runtime.coldReads())
                .whenComplete((states, failure) -> post(() -> {
                    if (failure == null) {
                        done.replayed(states);
                    } else {
                        done.failed(
                                kindOf(failure), String.valueOf(causeOf(failure).getMessage()));
                    }
                }));
    }

    private ProducerStates replay(long nowMillis) {
        try {
            return ProducerReplay.of(log, partition, nowMillis);
        } catch (StorageException e) {
            throw new CompletionException(e);
        }
    }

    @Override
    public void read(long offset, int maxBytes, ReadCompletion completion) {
        var unused = CompletableFuture.supplyAsync(() -> readChunks(offset, maxBytes), runtime.coldReads())
                .whenComplete((chunks, failure) -> post(() -> {
                    if (failure == null) {
                        completion.read(chunks);
                    } else {
                        completion.failed(
                                String.valueOf(causeOf(failure).getMessage()),
                                kindOf(failure) == StorageException.Kind.DAMAGED);
                    }
                }));
    }

    private List<Chunk> readChunks(long offset, int maxBytes) {
        try {
            return Chunk.split(log.read(offset, maxBytes, log.writtenEndOffset(), runtime.allocator()));
        } catch (StorageException e) {
            throw new CompletionException(e);
        }
    }

    private void post(Runnable completion) {
        loop.post(() -> {
            completion.run();
            afterCompletion.run();
        });
    }

    private static StorageException.Kind kindOf(Throwable failure) {
        return causeOf(failure) instanceof StorageException known ? known.kind() : StorageException.Kind.IO;
    }

    private static Throwable causeOf(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }
}
