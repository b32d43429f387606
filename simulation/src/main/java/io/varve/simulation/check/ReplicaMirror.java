// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.storage.LogId;
import java.util.List;

/** One replica as it was seen last, and what its log holds. Outlives the processes that hold it. */
final class ReplicaMirror {
    final int node;
    final PartitionTruth partition;
    MirrorLog log = new MirrorLog();

    /** What was there when the process ended, until its successor has opened the log. */
    MirrorLog before = new MirrorLog();

    /** Whether the process that runs has not opened the log yet. */
    boolean awaitsRecovery;

    /** Whether it was in the in-sync or eligible set when its process ended. */
    boolean wasMember;

    /** The newest seen of this process. */
    long highWatermark;

    int leaderEpoch;
    int partitionEpoch = -1;

    /** The highest epoch that it was seen to lead; in the process that runs. */
    int ledEpoch;

    boolean wasLeading;

    /** The highest ends seen, lowered only by truncation and loss. */
    long writtenEndOffset;

    long flushedEndOffset;

    /** What its disk has for ever, as its process said last: nothing but a cut lowers it, and another disk. */
    long durableEndOffset;

    /** Where a cut that is under way ends; what is above it may be gone. */
    private long cutTo = PartitionTruth.NEVER;

    /** Whether it was in neither set since it last lost something. */
    boolean leftAfterLoss;

    /** Whether this node deleted it. */
    boolean removed;

    ReplicaMirror(int node, PartitionTruth partition) {
        this.node = node;
        this.partition = partition;
    }

    LogId id() {
        return partition.id;
    }

    /** What only the process knew is gone; what is on the disk is not known yet. */
    void newProcess() {
        if (!removed && !awaitsRecovery) {
            before = log;
            log = new MirrorLog();
            awaitsRecovery = true;
        }
        forgetProcess();
    }

    void forgetProcess() {
        highWatermark = 0;
        leaderEpoch = 0;
        partitionEpoch = -1;
        ledEpoch = 0;
        wasLeading = false;
    }

    void cutBegins(long newEndOffset) {
        cutTo = Math.min(cutTo, newEndOffset);
        durableEndOffset = Math.min(durableEndOffset, newEndOffset);
    }

    /** A log that failed while it began anew may end above where it ended before. */
    void cutTo(long newEndOffset) {
        if (newEndOffset > log.endOffset()) {
            log = partition.committed.prefix(newEndOffset);
        } else {
            log.cutTo(newEndOffset);
        }
        endsAt(newEndOffset);
        highWatermark = Math.min(highWatermark, newEndOffset);
    }

    /** What comes before its start is what is committed there. */
    void beginsAnew(long offset) {
        log = partition.committed.prefix(offset);
        writtenEndOffset = offset;
        flushedEndOffset = offset;
        durableEndOffset = offset;
        cutTo = PartitionTruth.NEVER;
    }

    /** What a log has that was opened and found to hold these; before them stands what was there, or is committed if it may have begun anew. */
    MirrorLog withPast(MirrorLog former, long base, List<BatchSeen> found) {
        boolean isFormer = cutTo > 0 && former.hasEdge(base) && former.endOffset() >= base;
        MirrorLog all = (isFormer ? former : partition.committed).prefix(base);
        found.forEach(all::append);
        return all;
    }

    /** The log has nothing above, and no cut is under way. */
    void endsAt(long endOffset) {
        writtenEndOffset = Math.min(writtenEndOffset, endOffset);
        flushedEndOffset = Math.min(flushedEndOffset, endOffset);
        durableEndOffset = Math.min(durableEndOffset, endOffset);
        cutTo = PartitionTruth.NEVER;
    }

    void see(ReplicaView view) {
        highWatermark = view.highWatermark();
        leaderEpoch = view.leaderEpoch();
        partitionEpoch = view.partitionEpoch();
        wasLeading = view.isLeading();
        seeEnds(view);
    }

    void seeEnds(ReplicaView view) {
        writtenEndOffset = Math.max(writtenEndOffset, view.writtenEndOffset());
        flushedEndOffset = Math.max(flushedEndOffset, view.flushedEndOffset());
        durableEndOffset = Math.min(view.flushedEndOffset(), cutTo);
    }

    /** Whether it was taken in again after a loss, with everything. */
    boolean hasCaughtUp() {
        return partition.hasLost(node) && leftAfterLoss && partition.isMember(node) && partition.isHeldBy(log);
    }

    @Override
    public String toString() {
        return "replica of node " + node + " (epoch " + leaderEpoch + ", high watermark " + highWatermark + ", end "
                + log.endOffset() + ")";
    }
}
