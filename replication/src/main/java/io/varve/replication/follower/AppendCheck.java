// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.follower;

import io.varve.record.BatchCheck;
import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.storage.Chunk;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Judges an append of an open session before anything is done with it (P11, P12). */
final class AppendCheck {
    /**
     * What to do with it. *Immutable.*
     *
     * @param firstNew index of the first chunk to append; their number if the log has all of them
     * @param refusal null if it is accepted
     */
    record Verdict(int firstNew, @Nullable NackCode refusal, String why) {}

    private AppendCheck() {}

    /** @param lastEpoch of the last record in the log, 0 for none */
    static Verdict judge(ReplicaMessage.Append append, int lastEpoch, FollowerLog log, long stagedBytesMax) {
        long end = log.stagedEndOffset();
        String damage = damage(append); // P12
        if (damage != null) {
            return refused(NackCode.CORRUPT, damage);
        }
        if (append.baseOffset() > end) {
            return refused(NackCode.GAP, "the append begins at " + append.baseOffset() + ", the log ends at " + end);
        }
        if (append.baseOffset() < end) {
            return endOffset(append) <= end ? hasAll(append) : firstBehindOverlap(append, EpochView.of(log));
        }
        if (!isPrevEpoch(lastEpoch, append, log)) {
            return refused(
                    NackCode.EPOCH_MISMATCH,
                    "the record before " + end + " has epoch " + lastEpoch + " here, " + append.prevEpoch()
                            + " at the leader");
        }
        if (log.stagedBytes() >= stagedBytesMax) {
            return refused(NackCode.BUSY, log.stagedBytes() + " bytes wait for the disk");
        }
        return new Verdict(0, null, "");
    }

    /** Nobody knows the epoch of a record below the log's start. */
    private static boolean isPrevEpoch(int lastEpoch, ReplicaMessage.Append append, FollowerLog log) {
        return append.prevEpoch() == lastEpoch
                || append.baseOffset() == log.logStartOffset()
                || (append.prevEpoch() == 0
                        && append.baseOffset() <= append.leader().logStartOffset());
    }

    private static Verdict firstBehindOverlap(ReplicaMessage.Append append, EpochView here) {
        long end = here.logEndOffset();
        List<Chunk> chunks = append.chunks();
        for (int i = 0; i < chunks.size(); i++) {
            Chunk chunk = chunks.get(i);
            if (chunk.baseOffset() == end) {
                return new Verdict(i, null, "");
            }
            if (chunk.endOffset() > end) {
                return refused(
                        NackCode.EPOCH_MISMATCH,
                        "the log ends at " + end + ", inside of the leader's batch " + chunk.baseOffset() + " to "
                                + chunk.endOffset());
            }
            int epoch = here.epochAt(chunk.baseOffset());
            if (epoch != chunk.leaderEpoch() || here.epochAt(chunk.lastOffset()) != epoch) {
                return refused(
                        NackCode.EPOCH_MISMATCH,
                        "batch " + chunk.baseOffset() + " has epoch " + epoch + " here, " + chunk.leaderEpoch()
                                + " at the leader");
            }
        }
        return hasAll(append);
    }

    private static Verdict hasAll(ReplicaMessage.Append append) {
        return new Verdict(append.chunks().size(), null, "");
    }

    private static Verdict refused(NackCode code, String why) {
        return new Verdict(0, code, why);
    }

    /** What is wrong with the batches, in themselves and one after another; null if nothing is. */
    private static @Nullable String damage(ReplicaMessage.Append append) {
        List<Chunk> chunks = append.chunks();
        long expected = append.baseOffset();
        int epoch = append.prevEpoch();
        for (int i = 0; i < chunks.size(); i++) {
            Chunk chunk = chunks.get(i);
            // a batch may be larger than the topic's limit of today
            BatchCheck check = BatchCheck.check(chunk.nioBuffer(), 0, chunk.sizeBytes(), Integer.MAX_VALUE);
            if (!check.isValid()) {
                return "batch " + chunk.baseOffset() + ": " + check.detail();
            }
            if (chunk.baseOffset() != expected) {
                return "a batch begins at " + chunk.baseOffset() + ", the one before it ends at " + expected;
            }
            if (chunk.leaderEpoch() < epoch || chunk.leaderEpoch() > append.leaderEpoch()) {
                return "batch " + chunk.baseOffset() + " has epoch " + chunk.leaderEpoch() + ", between " + epoch
                        + " and " + append.leaderEpoch() + " it may have";
            }
            expected = chunk.endOffset();
            epoch = chunk.leaderEpoch();
        }
        return null;
    }

    /** The end of the last batch. */
    private static long endOffset(ReplicaMessage.Append append) {
        List<Chunk> chunks = append.chunks();
        return chunks.isEmpty()
                ? append.baseOffset()
                : chunks.get(chunks.size() - 1).endOffset();
    }
}
