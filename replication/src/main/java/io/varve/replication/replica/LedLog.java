// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import io.varve.replication.leader.LeaderLog;
import io.varve.storage.Chunk;
import io.varve.storage.EpochEntry;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The log as its leader sees it: what a read brings is an event of the replica, so that damage stops the replica and nothing else (P34). *Confined to the loop.* */
final class LedLog implements LeaderLog {
    private final ReplicaLog log;
    private final Consumer<Runnable> events; // does nothing once the replica has stopped

    LedLog(ReplicaLog log, Consumer<Runnable> events) {
        this.log = log;
        this.events = events;
    }

    @Override
    public void read(long offset, int maxBytes, ReadCompletion completion) {
        log.read(offset, maxBytes, new ReadCompletion() {
            @Override
            public void read(List<Chunk> chunks) {
                boolean[] handedOver = new boolean[1];
                events.accept(() -> {
                    handedOver[0] = true;
                    completion.read(chunks);
                });
                if (!handedOver[0]) {
                    chunks.forEach(Chunk::release);
                }
            }

            @Override
            public void failed(String detail, boolean damaged) {
                events.accept(() -> completion.failed(detail, damaged));
            }
        });
    }

    @Override
    public void startingPoint(long offset, StartCompletion completion) {
        log.startingPoint(offset, new StartCompletion() {
            @Override
            public void found(long from, ByteBuffer producers) {
                events.accept(() -> completion.found(from, producers));
            }

            @Override
            public void failed(String detail, boolean damaged) {
                events.accept(() -> completion.failed(detail, damaged));
            }
        });
    }

    @Override
    public long tombstoneHorizon() {
        return log.tombstoneHorizon();
    }

    @Override
    public long logStartOffset() {
        return log.logStartOffset();
    }

    @Override
    public long stagedEndOffset() {
        return log.stagedEndOffset();
    }

    @Override
    public long writtenEndOffset() {
        return log.writtenEndOffset();
    }

    @Override
    public long flushedEndOffset() {
        return log.flushedEndOffset();
    }

    @Override
    public long stagedBytes() {
        return log.stagedBytes();
    }

    @Override
    public void assignEpoch(int leaderEpoch, long startOffset) {
        log.assignEpoch(leaderEpoch, startOffset);
    }

    @Override
    public boolean stage(Chunk chunk) {
        return log.stage(chunk);
    }

    @Override
    public List<EpochEntry> epochChain() {
        return log.epochChain();
    }

    @Override
    public @Nullable Chunk tail(long offset) {
        return log.tail(offset);
    }
}
