// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import static io.varve.simulation.check.FakeCluster.LOG;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.image.Durability;
import io.varve.replication.Acks;
import io.varve.storage.EpochEntry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What logs must be like: each invariant fires on a fault made for it, and the same steps without it are quiet. */
class LogInvariantsTest {
    private final FakeCluster cluster = FakeCluster.healthy();

    @Test
    void shouldBeQuietWhenEverythingIsAsItShouldBe() {
        for (int i = 0; i < 40; i++) {
            cluster.commit(1, 1);
        }
        cluster.metadata(2, 2, List.of(2, 3), List.of(), 0);
        cluster.replica(1).leading = false;
        cluster.replica(2).isr = List.of(2, 3);
        cluster.replica(2).maximalIsr = List.of(2, 3);
        cluster.lead(2, 2);
        cluster.append(1, 1, cluster.send(Acks.ALL));
        cluster.truncate(1, 80);
        cluster.commit(2, 2);
        cluster.checker.finish();
        assertThat(cluster.checker.violations()).isEmpty();
        cluster.metadata(2, 2, List.of(1, 2, 3), List.of(), 0);
        assertThat(cluster.checker.unhealed()).extracting(Violation::invariant).containsOnly("L4");
    }

    @Test
    void shouldTakeWhatIsCommittedForThePastOfALogThatBeganAnewAndFailed() {
        PartitionTruth truth = new PartitionTruth(LOG);
        for (long base = 0; base < 15; base += 5) {
            truth.committed.append(new BatchSeen(base, base + 5, 1, base));
        }
        ReplicaMirror replica = new ReplicaMirror(2, truth);
        replica.log = truth.committed.prefix(5);

        replica.cutTo(15);

        assertThat(replica.log.endOffset()).isEqualTo(15);
        assertThat(replica.log.beginsWith(truth.committed, 3)).isTrue();
    }

    @Test
    void shouldSeeAnotherRecordCommittedAtTheSameOffset() {
        cluster.commit(1, 1);
        cluster.metadata(0, 2, List.of(), List.of(), 0);
        cluster.replica(1).leading = false;
        FakeReplica third = cluster.replica(3);
        cluster.brokerEpochs.remove(3);
        third.highWatermark = 0;
        cluster.truncate(3, 0);
        long other = cluster.send(Acks.ALL);
        cluster.append(3, 2, other);
        cluster.append(3, 2, cluster.send(Acks.ALL));
        third.leading = true;
        third.leaderEpoch = 2;
        cluster.highWatermark(3, 4);
        assertThat(cluster.fired()).contains("I2", "I4", "I6");
    }

    @Test
    void shouldSeeAMemberThatLacksWhatIsCommitted() {
        cluster.commit(1, 1);
        cluster.restart(3, Stop.POWER_LOSS, 0);
        assertThat(cluster.fired()).as("not before it is registered").doesNotContain("I3");
        cluster.register(3);
        cluster.checker.touched(3, LOG);
        assertThat(cluster.fired()).contains("I3");
    }

    @Test
    void shouldLetANonMemberLackWhatIsCommitted() {
        cluster.commit(1, 1);
        cluster.restart(3, Stop.POWER_LOSS, 0);
        cluster.metadata(1, 2, List.of(1, 2), List.of(), 0);
        cluster.register(3);
        cluster.checker.touched(3, LOG);
        assertThat(cluster.fired()).doesNotContain("I3");
    }

    @Test
    void shouldSeeALeaderThatLacksWhatIsCommitted() {
        cluster.commit(1, 1);
        cluster.metadata(0, 2, List.of(), List.of(), 0);
        cluster.restart(3, Stop.OTHER_DISK, 0);
        cluster.lead(3, 3);
        assertThat(cluster.fired()).containsExactly("I4");
    }

    @Test
    void shouldSeeTwoLogsThatDifferBelowTheSameOffsetAndEpoch() {
        long first = cluster.send(Acks.ALL);
        long second = cluster.send(Acks.ALL);
        long third = cluster.send(Acks.ALL);
        cluster.append(1, 1, first);
        cluster.append(1, 1, third);
        cluster.append(2, 1, second);
        assertThat(cluster.fired()).containsExactly("I5");
        cluster.append(2, 1, third);
        assertThat(cluster.fired()).containsExactly("I5", "I5");
    }

    @Test
    void shouldSeeAnOffsetUsedAgainWithinAnEpoch() {
        cluster.append(1, 1, cluster.send(Acks.ALL));
        cluster.truncate(1, 0);
        cluster.append(1, 1, cluster.send(Acks.ALL));
        assertThat(cluster.fired()).containsExactly("I5");
    }

    @Test
    void shouldSeeAHighWatermarkOverOtherRecords() {
        cluster.commit(1, 1);
        cluster.appendEverywhere(1);
        cluster.highWatermark(2, 4);
        assertThat(cluster.fired()).as("nobody committed that much").containsExactly("I5");
    }

    @Test
    void shouldSeeBatchesThatNobodyAppendedAfterARestart() {
        cluster.commit(1, 1);
        cluster.replica(2).log.add(new BatchSeen(2, 4, 1, 99));
        cluster.restart(2, Stop.CRASH, 4);
        assertThat(cluster.fired()).containsExactly("I5");
    }

    @Test
    void shouldSeeACutBelowTheHighWatermarkUnlessAnUncleanElectionAllowsIt() {
        cluster.commit(1, 1);
        cluster.brokerEpochs.remove(2);
        cluster.truncate(2, 0);
        assertThat(cluster.fired()).contains("I6");

        FakeCluster unclean = FakeCluster.healthy(Durability.WRITTEN);
        unclean.commit(1, 1);
        unclean.metadata(0, 2, List.of(), List.of(), 0);
        unclean.metadata(2, 3, List.of(2), List.of(), 3);
        unclean.truncate(3, 0);
        assertThat(unclean.fired()).doesNotContain("I6");
    }

    @Test
    void shouldLetAFailedLogDropWhatItHadNotWritten() {
        cluster.commit(1, 1);
        cluster.replica(2).sound = false;
        cluster.checker.truncated(2, LOG, 0);
        assertThat(cluster.fired()).isEmpty();
    }

    @Test
    void shouldWaitForALogThatIsNotOpenedYet() {
        cluster.commit(1, 1);
        cluster.checker.stopping(3, Stop.CRASH);
        cluster.checker.started(3, cluster.incarnation(3));
        cluster.register(3);
        cluster.metadata(1, 1, List.of(1, 2, 3), List.of(), 0);
        assertThat(cluster.fired()).isEmpty();
        cluster.replica(3).cut(0);
        cluster.checker.recovered(3, LOG, 0, List.of());
        cluster.checker.touched(3, LOG);
        assertThat(cluster.fired()).isNotEmpty();
    }

    @Test
    void shouldSeeTwoLeadersOfOneEpoch() {
        cluster.lead(2, 1);
        assertThat(cluster.fired()).containsExactly("I7");
        assertThat(FakeCluster.healthy().fired()).isEmpty();
    }

    @Test
    void shouldSeeEpochsFall() {
        cluster.replica(1).leaderEpoch = 0;
        cluster.checker.touched(1, LOG);
        assertThat(cluster.fired()).containsExactly("I8");
    }

    @Test
    void shouldSeeAnEpochChainThatFalls() {
        cluster.commit(1, 1);
        cluster.replica(2).chain = List.of(new EpochEntry(1, 0), new EpochEntry(3, 8), new EpochEntry(2, 9));
        cluster.checker.finish();
        assertThat(cluster.fired()).containsExactly("I8");
        cluster.replica(2).chain = List.of(new EpochEntry(1, 0), new EpochEntry(3, 8));
        cluster.checker.finish();
        assertThat(cluster.fired()).hasSize(1);
    }

    @Test
    void shouldSeeAHole() {
        cluster.checker.appended(1, LOG, 5, 7, 1, cluster.send(Acks.ALL));
        assertThat(cluster.fired()).containsExactly("I9");
    }

    @Test
    void shouldSeeOffsetsOutOfOrder() {
        cluster.appendEverywhere(1);
        cluster.replica(2).flushed = 3;
        cluster.checker.touched(2, LOG);
        assertThat(cluster.fired()).containsExactly("I10");
    }

    @Test
    void shouldSeeAHighWatermarkFall() {
        cluster.commit(1, 1);
        cluster.highWatermark(1, 0);
        assertThat(cluster.fired()).containsExactly("I10");
    }

    @Test
    void shouldSeeAPowerLossTakeWhatWasSaidToBeFlushed() {
        cluster.commit(1, 1);
        cluster.append(3, 1, cluster.send(Acks.ALL));
        cluster.replica(3).flushed = 2;
        cluster.checker.touched(3, LOG);
        cluster.restart(3, Stop.POWER_LOSS, 2);
        assertThat(cluster.fired()).as("only written").isEmpty();
        cluster.restart(3, Stop.POWER_LOSS, 0);
        assertThat(cluster.fired()).containsExactly("P14");
    }

    @Test
    void shouldSeeTheFlushedBytesOfAWrittenTopicGo() {
        FakeCluster written = FakeCluster.healthy(Durability.WRITTEN);
        written.commit(1, 1);
        written.commit(1, 1);
        written.replica(3).flushed = 2;
        written.checker.touched(3, LOG);
        written.restart(3, Stop.POWER_LOSS, 2);
        assertThat(written.fired()).isEmpty();
        written.restart(3, Stop.CRASH, 0);
        assertThat(written.fired()).containsExactly("P14");
    }

    @Test
    void shouldLetACutOrAnotherDiskTakeWhatIsFlushed() {
        cluster.appendEverywhere(1);
        cluster.appendEverywhere(1);
        cluster.checker.cutting(2, LOG, 2);
        cluster.checker.touched(2, LOG);
        cluster.restart(2, Stop.POWER_LOSS, 2);
        cluster.restart(3, Stop.OTHER_DISK, 0);
        assertThat(cluster.fired()).isEmpty();
        cluster.restart(2, Stop.POWER_LOSS, 0);
        assertThat(cluster.fired()).as("the cut asked for less").containsExactly("P14");
    }

    @Test
    void shouldSeeFilesThatHoldSomethingElse() {
        cluster.commit(1, 1);
        cluster.checker.finish();
        assertThat(cluster.fired()).isEmpty();
        cluster.replica(2).log.set(0, new BatchSeen(0, 2, 1, 5));
        cluster.checker.finish();
        assertThat(cluster.fired()).containsExactly("I22");
    }

    @Test
    void shouldSeeWhatNobodySent() {
        for (int node = 1; node <= 3; node++) {
            cluster.append(node, 1, 77);
        }
        cluster.highWatermark(1, 2);
        assertThat(cluster.fired()).containsExactly("I22");
    }

    @Test
    void shouldSeeItsOwnMirrorFallBehind() {
        cluster.replica(1).staged = 2;
        cluster.checker.touched(1, LOG);
        assertThat(cluster.fired()).containsExactly("M");
    }
}
