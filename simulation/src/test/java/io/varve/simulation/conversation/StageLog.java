// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.conversation;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.varve.replication.LogStarts;
import io.varve.replication.ProducerReplay;
import io.varve.replication.TailedLog;
import io.varve.replication.leader.ProducerStates;
import io.varve.storage.Chunk;
import io.varve.storage.LogTail;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A real log under a replica on the stage. No disk of a conversation ever fails. */
final class StageLog extends TailedLog {
    private static final UnpooledByteBufAllocator HEAP = new UnpooledByteBufAllocator(false, true);

    private final Consumer<Runnable> later;
    private final Consumer<Runnable> turn;

    /**
     * @param later runs something as an event of the node, after what is under way
     * @param turn runs something as an event of the node, at once
     */
    StageLog(PartitionLog log, LogTail tail, Consumer<Runnable> later, Consumer<Runnable> turn) {
        super(log, tail);
        this.later = later;
        this.turn = turn;
    }

    @Override
    public void read(long offset, int maxBytes, ReadCompletion completion) {
        later.accept(() -> completion.read(chunksAt(offset, maxBytes)));
    }

    private List<Chunk> chunksAt(long offset, int maxBytes) {
        try {
            return Chunk.split(log.read(offset, maxBytes, log.writtenEndOffset(), HEAP));
        } catch (StorageException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void truncateTo(long offset, Done done) {
        change(log.truncateTo(offset), done);
    }

    @Override
    public void resetTo(long offset, Done done) {
        change(log.resetTo(offset).thenApply(none -> offset), done);
    }

    @Override
    public void reopen(Done done) {
        change(log.reopen(), done);
    }

    @Override
    public void moveStart(long offset, long highWatermark, boolean durably, Done done) {
        var unused =
                log.advanceLogStart(offset, highWatermark).thenAccept(start -> turn.accept(() -> done.done(start)));
    }

    @Override
    public void retain(long nowMillis, long highWatermark, Done done) {
        throw new UnsupportedOperationException("no conversation lasts so long");
    }

    @Override
    public void keepProducers(ByteBuffer encoded, Done done) {
        later.accept(() -> done.done(log.logStartOffset()));
    }

    @Override
    public void startingPoint(long offset, StartCompletion completion) {
        later.accept(() -> {
            try {
                LogStarts.Point point = LogStarts.at(log, "stage", offset, HEAP, 0);
                completion.found(point.offset(), point.producers());
            } catch (StorageException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private void change(CompletableFuture<Long> change, Done done) {
        var unused = change.thenAccept(end -> turn.accept(() -> {
            tail.truncateTo(end);
            done.done(end);
        }));
    }

    @Override
    public void replayProducers(ProducersDone done) {
        later.accept(() -> {
            ProducerStates states;
            try {
                states = ProducerReplay.of(log, "orders-0", 0);
                states = ProducerReplay.of(log, "stage", 0);
            } catch (StorageException e) {
                throw new IllegalStateException(e);
            }
            done.replayed(states);
        });
    }
}
