// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.replication.replica.ReplicaLog;
import io.varve.storage.Chunk;
import io.varve.storage.EpochEntry;
import io.varve.storage.LogTail;
import io.varve.storage.PartitionLog;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A log on the disk with its tail in memory, as far as a replica uses it at once. What takes time, and how its end becomes an event, is up to those who
 * extend it. *Confined to the partition loop.*
 */
public abstract class TailedLog implements ReplicaLog {
    protected final PartitionLog log;
    protected final LogTail tail;

    protected TailedLog(PartitionLog log, LogTail tail) {
        this.log = log;
        this.tail = tail;
    }

    @Override
    public boolean stage(Chunk chunk) {
        long baseOffset = chunk.baseOffset();
        tail.add(chunk); // before: the log may give back the last reference at any time
        boolean staged = false;
        try {
            staged = log.stage(chunk);
        } finally {
            if (!staged) {
                tail.truncateTo(baseOffset);
            }
        }
        return staged;
    }

    @Override
    public final @Nullable Chunk tail(long offset) {
        return tail.find(offset);
    }

    @Override
    public final void assignEpoch(int leaderEpoch, long startOffset) {
        log.assignEpoch(leaderEpoch, startOffset);
    }

    @Override
    public final void checkpointHighWatermark(long highWatermark) {
        log.checkpointHighWatermark(highWatermark);
    }

    @Override
    public final boolean failed() {
        return log.failure().isPresent();
    }

    @Override
    public final List<EpochEntry> epochChain() {
        return log.epochChain();
    }

    @Override
    public final long tombstoneHorizon() {
        return log.tombstoneHorizon();
    }

    @Override
    public final long logStartOffset() {
        return log.logStartOffset();
    }

    @Override
    public final long stagedEndOffset() {
        return log.stagedEndOffset();
    }

    @Override
    public final long writtenEndOffset() {
        return log.writtenEndOffset();
    }

    @Override
    public final long flushedEndOffset() {
        return log.flushedEndOffset();
    }

    @Override
    public final long stagedBytes() {
        return log.stagedBytes();
    }
}
