// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.protocol.EpochPage;
import io.varve.replication.protocol.ReplicaMessage.State;
import io.varve.storage.EpochEntry;
import io.varve.storage.LogId;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DivergenceTest {
    private static final LogId ID = new LogId(new UUID(1, 2), 0);

    @Test
    void shouldFindTheLongestCommonPrefixOfAllSmallLogs() {
        List<int[]> logs = smallLogs(5, 4);
        for (int[] leader : logs) {
            for (int[] follower : logs) {
                assertThat(find(leader, follower, Integer.MAX_VALUE))
                        .as("leader %s follower %s", leader, follower)
                        .isEqualTo(new Divergence.Point(commonPrefix(leader, follower), false, 0));
            }
        }
    }

    @Test
    void shouldFindTheSamePageByPage() {
        List<int[]> logs = smallLogs(5, 4);
        for (int[] leader : logs) {
            for (int[] follower : logs) {
                if (match(leader, follower)) {
                    for (int page = 1; page <= 3; page++) {
                        assertThat(find(leader, follower, page))
                                .as("leader %s follower %s page %d", leader, follower, page)
                                .isEqualTo(new Divergence.Point(commonPrefix(leader, follower), false, 0));
                    }
                }
            }
        }
    }

    @Test
    void shouldNotBeMisledByQuickElectionsOnBothSides() {
        // Records 5..9 were appended under epoch 2 here and under 3 there; both then saw one more election.
        List<EpochEntry> leader = List.of(new EpochEntry(1, 0), new EpochEntry(3, 5), new EpochEntry(5, 10));
        List<EpochEntry> follower = List.of(new EpochEntry(1, 0), new EpochEntry(2, 5), new EpochEntry(4, 10));
        assertThat(Divergence.find(leader, 0, 12, state(follower, 0, 14, 14, true)))
                .isEqualTo(new Divergence.Point(5, false, 0));
    }

    @Test
    void shouldBeginAnewWhenTheFollowerEndsBelowTheLeadersStart() {
        List<EpochEntry> leader = List.of(new EpochEntry(3, 10));
        List<EpochEntry> follower = List.of(new EpochEntry(1, 0));
        for (long end : new long[] {4, 10}) {
            assertThat(Divergence.find(leader, 10, 20, state(follower, 0, end, end, true)))
                    .isEqualTo(new Divergence.Point(10, true, 0));
        }
    }

    @Test
    void shouldBeginAnewWhenNothingThatBothKnowAgrees() {
        List<EpochEntry> leader = List.of(new EpochEntry(3, 10));
        List<EpochEntry> follower = List.of(new EpochEntry(1, 0), new EpochEntry(2, 8));
        assertThat(Divergence.find(leader, 10, 20, state(follower, 0, 15, 15, true)))
                .isEqualTo(new Divergence.Point(10, true, 0));
    }

    @Test
    void shouldKeepWhatAgreesAboveTheLeadersStart() {
        List<EpochEntry> leader = List.of(new EpochEntry(3, 10), new EpochEntry(5, 16));
        List<EpochEntry> follower = List.of(new EpochEntry(1, 0), new EpochEntry(3, 8));
        assertThat(Divergence.find(leader, 10, 20, state(follower, 0, 18, 18, true)))
                .isEqualTo(new Divergence.Point(16, false, 0));
    }

    @Test
    void shouldLetAnEmptyReplicaBeginAtTheLeadersStart() {
        List<EpochEntry> leader = List.of(new EpochEntry(3, 0));
        assertThat(Divergence.find(leader, 0, 20, state(List.of(), 0, 0, 0, true)))
                .isEqualTo(new Divergence.Point(0, false, 0));
        assertThat(Divergence.find(leader, 7, 20, state(List.of(), 0, 0, 0, true)))
                .isEqualTo(new Divergence.Point(7, true, 0));
        assertThat(Divergence.find(leader, 0, 20, state(List.of(), 30, 30, 30, true)))
                .isEqualTo(new Divergence.Point(0, true, 0));
    }

    @Test
    void shouldLetAnEmptyReplicaGoOnWhereItBegins() {
        List<EpochEntry> leader = List.of(new EpochEntry(3, 0));
        for (long start : new long[] {5, 9, 20}) {
            assertThat(Divergence.find(leader, 5, 20, state(List.of(), start, start, start, true)))
                    .isEqualTo(new Divergence.Point(start, false, 0));
        }
    }

    @Test
    void shouldKeepAFollowerWhoseRetentionLeftNothing() {
        List<EpochEntry> chain = List.of(new EpochEntry(1, 0));
        assertThat(Divergence.find(chain, 0, 1000, state(chain, 1000, 1000, 1000, true)))
                .isEqualTo(new Divergence.Point(1000, false, 0));
    }

    @Test
    void shouldKeepAFollowerOfALeaderWhoseRetentionLeftNothing() {
        List<EpochEntry> leader = List.of(new EpochEntry(1, 0), new EpochEntry(2, 1000));
        assertThat(Divergence.find(leader, 1000, 1000, state(List.of(new EpochEntry(1, 0)), 0, 1000, 1000, true)))
                .isEqualTo(new Divergence.Point(1000, false, 0));
    }

    /**
     * Whatever the logs are and wherever they begin: what a cut leaves is the leader's, nothing that agrees is cut away, and who is told to begin anew
     * ends below the leader, or has no record that both have and that tells.
     */
    @Test
    void shouldNeverThrowAwayWhatAgreesWhereverLogsBegin() {
        List<int[]> logs = smallLogs(5, 3);
        for (int[] leader : logs) {
            for (int[] follower : logs) {
                if (match(leader, follower)) {
                    int common = commonPrefix(leader, follower);
                    for (int leaderStart = 0; leaderStart <= leader.length; leaderStart++) {
                        for (int start = 0; start <= Math.min(follower.length, common); start++) { // it was committed
                            for (int forgotten = 0; forgotten <= 3; forgotten++) {
                                check(leader, leaderStart, follower, start, forgotten);
                            }
                        }
                    }
                }
            }
        }
    }

    /** @param forgotten 1: the leader's chain says nothing of what is below its start; 2: the follower's; 3: both */
    private static void check(int[] leader, int leaderStart, int[] follower, int start, int forgotten) {
        int ours = (forgotten & 1) != 0 ? leaderStart : 0;
        int theirs = (forgotten & 2) != 0 ? start : 0;
        int common = commonPrefix(leader, follower);
        boolean empty = start == follower.length;
        boolean canTell = Math.max(ours, theirs) < common || ours <= start;
        boolean keeps = common >= leaderStart && canTell;
        assertThat(find(leader, leaderStart, ours, follower, start, theirs, 2))
                .as(
                        "leader %s from %d knows %d, follower %s from %d knows %d%s",
                        leader, leaderStart, ours, follower, start, theirs, empty ? ", empty" : "")
                .isEqualTo(keeps ? new Divergence.Point(common, false, 0) : new Divergence.Point(leaderStart, true, 0));
    }

    // ---- the plain truth: a log is the epoch of each of its records

    private static List<int[]> smallLogs(int length, int epochs) {
        List<int[]> logs = new ArrayList<>();
        logs.add(new int[0]);
        for (int from = 0; from < logs.size(); from++) {
            int[] shorter = logs.get(from);
            int last = shorter.length == 0 ? 1 : shorter[shorter.length - 1];
            for (int epoch = last; shorter.length < length && epoch <= epochs; epoch++) {
                int[] longer = java.util.Arrays.copyOf(shorter, shorter.length + 1);
                longer[shorter.length] = epoch;
                logs.add(longer);
            }
        }
        return logs;
    }

    private static int commonPrefix(int[] one, int[] other) {
        int at = 0;
        while (at < one.length && at < other.length && one[at] == other[at]) {
            at++;
        }
        return at;
    }

    /** I5: where two logs have the same epoch, they are the same up to there. */
    private static boolean match(int[] one, int[] other) {
        int common = commonPrefix(one, other);
        for (int at = common; at < one.length && at < other.length; at++) {
            if (one[at] == other[at]) {
                return false;
            }
        }
        return true;
    }

    private static List<EpochEntry> chain(int[] log, int from) {
        List<EpochEntry> chain = new ArrayList<>();
        for (int at = from; at < log.length; at++) {
            if (at == from || log[at] != log[at - 1]) {
                chain.add(new EpochEntry(log[at], at));
            }
        }
        return chain;
    }

    private static Divergence.Point find(int[] leader, int[] follower, int page) {
        return find(leader, 0, 0, follower, 0, 0, page);
    }

    private static Divergence.Point find(
            int[] leader, int leaderStart, int ourFirst, int[] follower, int start, int theirFirst, int page) {
        List<EpochEntry> ours = new ArrayList<>(chain(leader, ourFirst));
        ours.add(new EpochEntry(9, leader.length)); // the leader's own epoch, without a record yet
        List<EpochEntry> theirs = chain(follower, theirFirst);
        int below = Integer.MAX_VALUE;
        while (true) {
            int limit = below;
            List<EpochEntry> known =
                    theirs.stream().filter(entry -> entry.leaderEpoch() < limit).toList();
            long end = known.size() == theirs.size()
                    ? follower.length
                    : theirs.get(known.size()).startOffset();
            int from = Math.max(0, known.size() - page);
            State state = state(known.subList(from, known.size()), start, follower.length, end, from == 0);
            Divergence.Point point = Divergence.find(ours, leaderStart, leader.length, state);
            if (point.isKnown()) {
                return point;
            }
            assertThat(point.olderThanEpoch()).isLessThan(below);
            below = point.olderThanEpoch();
        }
    }

    private static State state(List<EpochEntry> chain, long start, long end, long chainEnd, boolean complete) {
        return new State(ID, 9, 1, 1, start, end, 0, new EpochPage(chain, chainEnd, complete));
    }
}
