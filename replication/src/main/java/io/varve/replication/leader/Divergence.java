// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.protocol.ReplicaMessage.State;
import io.varve.storage.EpochEntry;
import java.util.List;

/**
 * Where a follower's log stops being a prefix of the leader's (P8): the largest offset below which both epoch chains agree about every record. One round
 * trip is enough even after several quick elections, unless the chains differ in more epochs than a message carries.
 */
final class Divergence {
    /**
     * What the follower is to be told.
     *
     * @param reset drop everything and begin anew at {@code toOffset}, the leader's log start
     * @param olderThanEpoch not 0: the chains differ in all that was sent; the part below this epoch is needed to tell
     */
    record Point(long toOffset, boolean reset, int olderThanEpoch) {
        boolean isKnown() {
            return olderThanEpoch == 0;
        }
    }

    private Divergence() {}

    /**
     * Told to cut, the follower keeps what lies between its log's start and that offset, and all of it must be the leader's. What is below its start was
     * committed when retention removed it, there or in the log that it was made from, and says nothing against it. So a log begins anew only if it ends
     * below the leader's start, or if no record that both have can tell.
     */
    static Point find(List<EpochEntry> leader, long leaderStart, long leaderEnd, State follower) {
        List<EpochEntry> page = follower.epochs().entries();
        long start = follower.logStartOffset();
        if (page.isEmpty() || leader.isEmpty()) { // no record to compare
            boolean mayGoOn = start == follower.logEndOffset() && leaderStart <= start && start <= leaderEnd;
            return mayGoOn ? new Point(start, false, 0) : new Point(leaderStart, true, 0);
        }
        long oldestKnown = page.get(0).startOffset();
        long low = Math.max(oldestKnown, leader.get(0).startOffset());
        long agreed = agreedFrom(low, Math.min(follower.epochs().endOffset(), leaderEnd), leader, page);
        if (agreed == low && low == oldestKnown && !follower.epochs().complete()) {
            return new Point(0, false, page.get(0).leaderEpoch());
        }
        boolean isShown = agreed > low || (agreed == start && agreed <= leaderEnd); // or nothing is left to show
        return isShown && agreed >= Math.max(leaderStart, start)
                ? new Point(agreed, false, 0)
                : new Point(leaderStart, true, 0);
    }

    /**
     * {@link #find} for a leader whose log lacks tombstones below {@code horizon}: a follower that keeps less than that may keep what they deleted, and begins
     * anew. One without records keeps nothing.
     */
    static Point find(List<EpochEntry> leader, long leaderStart, long leaderEnd, long horizon, State follower) {
        Point point = find(leader, leaderStart, leaderEnd, follower);
        boolean keepsRecords = follower.logEndOffset() > follower.logStartOffset();
        boolean mayKeepDeleted = point.isKnown() && !point.reset() && keepsRecords && point.toOffset() < horizon;
        return mayKeepDeleted ? new Point(leaderStart, true, 0) : point;
    }

    /** The first offset at or above {@code low} at which the epochs differ, at most {@code end}; {@code low} if that is beyond {@code end}. */
    private static long agreedFrom(long low, long end, List<EpochEntry> one, List<EpochEntry> other) {
        long agreed = low;
        int i = indexAt(one, 0, low);
        int j = indexAt(other, 0, low);
        while (agreed < end && one.get(i).leaderEpoch() == other.get(j).leaderEpoch()) {
            agreed = Math.min(end, Math.min(endOf(one, i), endOf(other, j)));
            i = indexAt(one, i, agreed);
            j = indexAt(other, j, agreed);
        }
        return agreed;
    }

    private static int indexAt(List<EpochEntry> chain, int from, long offset) {
        int index = from;
        while (index + 1 < chain.size() && chain.get(index + 1).startOffset() <= offset) {
            index++;
        }
        return index;
    }

    private static long endOf(List<EpochEntry> chain, int index) {
        return index + 1 < chain.size() ? chain.get(index + 1).startOffset() : Long.MAX_VALUE;
    }
}
