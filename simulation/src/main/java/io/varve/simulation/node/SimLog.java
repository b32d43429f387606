// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.varve.replication.LogStarts;
import io.varve.replication.ProducerReplay;
import io.varve.replication.TailedLog;
import io.varve.replication.leader.ProducerStates;
import io.varve.replication.replica.Replica;
import io.varve.simulation.check.BatchId;
import io.varve.simulation.check.LogReading;
import io.varve.simulation.check.WorldEvents;
import io.varve.storage.Chunk;
import io.varve.storage.Damage;
import io.varve.storage.LogListener;
import io.varve.storage.LogTail;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** A real log under a replica: its completions become events of the node's loop, and the checks hear what it does. */
final class SimLog extends TailedLog implements LogListener {
    static final ByteBufAllocator HEAP = new UnpooledByteBufAllocator(false, true);

    private final int node;
    private final NodeLoop loop;
    private final ColdReader reader;
    private final WorldEvents events;
    private final Runnable onCut;
    private @Nullable Replica replica;
    private @Nullable Runnable touched;

    /** How long a read from the disk takes. */
    interface ColdReader {
        void read(Runnable reading);
    }

    SimLog(
            int node,
            NodeLoop loop,
            ColdReader reader,
            PartitionLog log,
            LogTail tail,
            WorldEvents events,
            Runnable onCut) {
        super(log, tail);
        this.node = node;
        this.loop = loop;
        this.reader = reader;
        this.events = events;
        this.onCut = onCut;
    }

    void attach(Replica owner, Runnable whenTouched) {
        replica = owner;
        touched = whenTouched;
        log.attach(this);
    }

    PartitionLog partitionLog() {
        return log;
    }

    /** Releases what is kept for readers. */
    void close() {
        log.attach(LogListener.NONE);
        tail.clear();
    }

    // ---- listener, called within steps of the disk

    @Override
    public void onProgress(long writtenEndOffset, long flushedEndOffset) {
        post("log progress", r -> r.logProgressed(writtenEndOffset, flushedEndOffset));
    }

    @Override
    public void onFailure(StorageException cause, long writtenEndOffset, long flushedEndOffset) {
        post("log failed", r -> {
            tail.truncateTo(writtenEndOffset);
            events.truncated(node, log.id(), writtenEndOffset);
            r.logFailed(
                    cause.kind(),
                    String.valueOf(cause.getMessage()),
                    writtenEndOffset,
                    flushedEndOffset,
                    loop.nowNanos());
        });
    }

    @Override
    public void onDamageFound(Damage damage) {
        post("damage found", r -> r.damageFound(damage.detail()));
    }

    /** An event of the replica. */
    interface ReplicaEvent {
        void on(Replica replica);
    }

    private void post(String label, ReplicaEvent event) {
        loop.post(label, () -> run(event));
    }

    private void run(ReplicaEvent event) {
        Replica owner = replica;
        Runnable touch = touched;
        if (owner != null && touch != null) {
            touch.run();
            event.on(owner);
        }
    }

    // ---- what a replica reads and writes at once

    @Override
    public boolean stage(Chunk chunk) {
        long baseOffset = chunk.baseOffset();
        long endOffset = chunk.endOffset();
        int epoch = chunk.leaderEpoch();
        long batchId = BatchId.of(chunk.nioBuffer(), 0);
        boolean staged = super.stage(chunk);
        if (staged) {
            events.appended(node, log.id(), baseOffset, endOffset, epoch, batchId);
        }
        return staged;
    }

    // ---- what takes time

    @Override
    public void read(long offset, int maxBytes, ReadCompletion completion) {
        reader.read(() -> run(r -> readNow(offset, maxBytes, completion)));
    }

    private void readNow(long offset, int maxBytes, ReadCompletion completion) {
        List<Chunk> chunks;
        try {
            chunks = Chunk.split(log.read(offset, maxBytes, log.writtenEndOffset(), HEAP));
        } catch (StorageException e) {
            completion.failed(String.valueOf(e.getMessage()), e.kind() == StorageException.Kind.DAMAGED);
            return;
        }
        completion.read(chunks);
    }

    @Override
    public void truncateTo(long offset, Done done) {
        if (offset < log.stagedEndOffset()) {
            onCut.run();
        }
        events.cutting(node, log.id(), offset);
        change(log.truncateTo(offset), done, end -> cut(end));
    }

    @Override
    public void resetTo(long offset, Done done) {
        events.cutting(node, log.id(), 0);
        change(log.resetTo(offset).thenApply(none -> offset), done, end -> {
            tail.truncateTo(end);
            events.begunAnew(node, log.id(), end);
        });
    }

    @Override
    public void moveStart(long offset, long highWatermark, boolean durably, Done done) {
        if (durably) {
            events.startDecided(node, log.id(), Math.min(offset, highWatermark));
        }
        reader.read(() -> run(r -> {
            try {
                LogStarts.keepProducers(log, log.id().toString(), Math.min(offset, highWatermark), loop.nowMillis());
            } catch (StorageException e) {
                done.failed(e.kind(), String.valueOf(e.getMessage()));
                return;
            }
            change(
                    durably ? log.advanceLogStart(offset, highWatermark) : log.expireBelow(offset, highWatermark),
                    done,
                    start -> {});
        }));
    }

    @Override
    public void retain(long nowMillis, long highWatermark, Done done) {
        reader.read(() -> run(r -> {
            long start;
            try {
                start = log.retentionStart(nowMillis, highWatermark);
                LogStarts.keepProducers(log, log.id().toString(), start, loop.nowMillis());
            } catch (StorageException e) {
                done.failed(e.kind(), String.valueOf(e.getMessage()));
                return;
            }
            events.startDecided(node, log.id(), start);
            change(log.expireBelow(start, highWatermark), done, moved -> {});
        }));
    }

    @Override
    public void keepProducers(ByteBuffer encoded, Done done) {
        reader.read(() -> run(r -> {
            try {
                log.writeProducerSnapshot(log.logStartOffset(), encoded);
            } catch (StorageException e) {
                done.failed(e.kind(), String.valueOf(e.getMessage()));
                return;
            }
            done.done(log.logStartOffset());
        }));
    }

    @Override
    public void startingPoint(long offset, StartCompletion completion) {
        reader.read(() -> run(r -> {
            LogStarts.Point point;
            try {
                point = LogStarts.at(log, log.id().toString(), offset, HEAP, loop.nowMillis());
            } catch (StorageException e) {
                completion.failed(String.valueOf(e.getMessage()), e.kind() == StorageException.Kind.DAMAGED);
                return;
            }
            completion.found(point.offset(), point.producers());
        }));
    }

    private void cut(long end) {
        tail.truncateTo(end);
        events.truncated(node, log.id(), end);
    }

    @Override
    public void reopen(Done done) {
        change(log.reopen(), done, end -> {
            tail.clear();
            tellRecovered(node, log, events);
        });
    }

    /** What a log holds now, told to the checks. */
    static void tellRecovered(int node, PartitionLog log, WorldEvents events) {
        try {
            events.recovered(node, log.id(), log.logStartOffset(), LogReading.written(log, HEAP));
        } catch (StorageException e) {
            events.recovered(node, log.id(), 0, List.of());
        }
    }

    /** Whether all of it can be read. */
    static boolean isReadable(PartitionLog log) {
        try {
            return log.damage().isEmpty() && LogReading.written(log, HEAP) != null;
        } catch (StorageException e) {
            return e.kind() != StorageException.Kind.DAMAGED;
        }
    }

    private void change(CompletableFuture<Long> change, Done done, LongConsumer before) {
        var unused = change.whenComplete((end, failure) -> post("log changed", r -> {
            if (failure == null) {
                before.accept(end);
                done.done(end);
            } else {
                StorageException cause = storageException(failure);
                done.failed(cause.kind(), String.valueOf(cause.getMessage()));
            }
        }));
    }

    private static StorageException storageException(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof StorageException storage) {
            return storage;
        }
        throw new IllegalStateException("a change of a log failed otherwise than by storage", cause);
    }

    @Override
    public void replayProducers(ProducersDone done) {
        reader.read(() -> run(r -> {
            ProducerStates states;
            try {
                states = ProducerReplay.of(log, log.id().toString(), loop.nowMillis());
            } catch (StorageException e) {
                done.failed(e.kind(), String.valueOf(e.getMessage()));
                return;
            }
            done.replayed(states);
        }));
    }
}
