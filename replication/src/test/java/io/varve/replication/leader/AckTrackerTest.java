// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.replication.InvariantException;
import io.varve.replication.protocol.Rules;
import io.varve.storage.Durability;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AckTrackerTest {
    private static final int SELF = 1;

    @Test
    void shouldCommitWhatASoleReplicaFlushedAndNotWhatItOnlyWrote() {
        AckTracker acks = tracker(Durability.FLUSHED, List.of(SELF), 1);
        acks.progress(SELF, 10, 4);
        assertThat(acks.highWatermark()).isEqualTo(4);
        assertThat(acks.ownWrittenEndOffset()).isEqualTo(10);
    }

    @Test
    void shouldCommitWhatWasWrittenWhenTheTopicAsksForNoMore() {
        AckTracker acks = tracker(Durability.WRITTEN, List.of(SELF), 1);
        acks.progress(SELF, 10, 4);
        assertThat(acks.highWatermark()).isEqualTo(10);
    }

    @Test
    void shouldWaitForTheSessionOfEveryMember() {
        AckTracker acks = tracker(Durability.FLUSHED, List.of(SELF, 2), 2);
        acks.progress(SELF, 10, 10);
        acks.progress(2, 10, 10);
        assertThat(acks.highWatermark()).isZero();
        acks.sessionDone(2);
        assertThat(acks.highWatermark()).isEqualTo(10);
    }

    @Test
    void shouldForgetFollowersWhenAnEpochStarts() {
        AckTracker acks = tracker(Durability.FLUSHED, List.of(SELF, 2), 2);
        acks.sessionDone(2);
        acks.progress(SELF, 10, 10);
        acks.progress(2, 10, 10);
        acks.startEpoch(List.of(SELF, 2), 2, 20, 20);
        assertThat(acks.highWatermark()).isEqualTo(10); // P4: nothing of node 2 counts
        acks.progress(2, 15, 15);
        acks.sessionDone(2);
        assertThat(acks.highWatermark()).isEqualTo(15);
    }

    @Test
    void shouldNotMoveWhileTheInSyncSetIsTooSmall() {
        AckTracker acks = tracker(Durability.FLUSHED, List.of(SELF), 2);
        acks.progress(SELF, 10, 10);
        assertThat(acks.highWatermark()).isZero();
        acks.configure(List.of(SELF), List.of(SELF), 1);
        assertThat(acks.highWatermark()).isEqualTo(10);
    }

    @Test
    void shouldCountTheReplicaBeingAddedBeforeItIsInSync() {
        AckTracker acks = tracker(Durability.FLUSHED, List.of(SELF), 1);
        acks.configure(List.of(SELF), List.of(SELF, 2), 1); // P22
        acks.progress(SELF, 10, 10);
        assertThat(acks.highWatermark()).isZero();
    }

    @Test
    void shouldRefuseAnInSyncSetWithoutTheLeader() {
        AckTracker acks = tracker(Durability.FLUSHED, List.of(SELF), 1);
        assertThatThrownBy(() -> acks.configure(List.of(2), List.of(2), 1))
                .isInstanceOf(InvariantException.class)
                .hasMessageContaining("I14");
    }

    @Test
    void shouldAgreeWithSortAndPickOnRandomAcknowledgements() {
        for (long seed = 1; seed <= 600; seed++) {
            Random random = new Random(seed);
            Durability durability = random.nextBoolean() ? Durability.FLUSHED : Durability.WRITTEN;
            int members = 1 + random.nextInt(5);
            List<Integer> ids = IntStream.rangeClosed(1, members).boxed().toList();
            AckTracker acks = tracker(durability, ids, 1 + random.nextInt(members));
            ids.forEach(acks::sessionDone);
            long[] ends = new long[members];
            for (int step = 0; step < 50; step++) {
                int at = random.nextInt(members);
                long written = random.nextInt(1000);
                long flushed = random.nextInt((int) written + 1);
                acks.progress(at + 1, written, flushed);
                ends[at] = Math.max(ends[at], durability == Durability.FLUSHED ? flushed : written);
                long smallest = IntStream.range(0, members)
                        .mapToLong(i -> ends[i])
                        .sorted()
                        .findFirst()
                        .orElseThrow();
                assertThat(acks.highWatermark())
                        .as("seed %d step %d", seed, step)
                        .isEqualTo(smallest);
            }
        }
    }

    @Test
    void shouldCountNothingOfAFollowerWhoseSessionEnded() {
        AckTracker acks = tracker(Durability.FLUSHED, List.of(SELF, 2), 2);
        acks.sessionDone(2);
        acks.progress(2, 10, 10);
        acks.forget(2);
        acks.progress(SELF, 10, 10);
        assertThat(acks.highWatermark()).isZero();
        acks.sessionDone(2);
        acks.progress(2, 4, 4);
        assertThat(acks.highWatermark()).isEqualTo(4);
    }

    private static AckTracker tracker(Durability durability, List<Integer> isr, int minIsr) {
        AckTracker acks = new AckTracker(SELF, durability, 0, Rules.ALL);
        acks.startEpoch(isr, minIsr, 0, 0);
        return acks;
    }
}
