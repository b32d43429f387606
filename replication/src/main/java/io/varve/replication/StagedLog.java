// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.replication.leader.LeaderLog;
import io.varve.storage.Chunk;
import io.varve.storage.LogTail;
import io.varve.storage.PartitionLog;

/** The leader's log: what is staged for the disk is also kept for readers at the tail. *Confined to the partition loop.* */
final class StagedLog implements LeaderLog {
    private final PartitionLog log;
    private final LogTail tail;

    StagedLog(PartitionLog log, LogTail tail) {
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
    public void assignEpoch(int leaderEpoch, long startOffset) {
        log.assignEpoch(leaderEpoch, startOffset);
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
}
