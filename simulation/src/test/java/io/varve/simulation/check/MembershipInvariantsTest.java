// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import static io.varve.simulation.check.FakeCluster.LOG;
import static io.varve.simulation.check.FakeCluster.TOPIC;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.image.Durability;
import io.varve.metadata.image.MetadataRecord.TopicRemovedRecord;
import io.varve.replication.Acks;
import java.util.List;
import org.junit.jupiter.api.Test;

/** High watermark, membership, metadata, and what may be forgiven. */
class MembershipInvariantsTest {
    private final FakeCluster cluster = FakeCluster.healthy();

    @Test
    void shouldSeeAHighWatermarkWithTooFewInSync() {
        cluster.replica(1).isr = List.of(1);
        cluster.commit(1, 1);
        assertThat(cluster.fired()).contains("I13");
    }

    @Test
    void shouldSeeAHighWatermarkAboveWhatAMemberHasSafe() {
        cluster.appendEverywhere(1);
        cluster.appendEverywhere(1);
        cluster.highWatermark(1, 2);
        assertThat(cluster.fired()).isEmpty();

        FakeCluster late = FakeCluster.healthy();
        long id = late.send(Acks.ALL);
        late.append(1, 1, id);
        late.append(2, 1, id);
        late.highWatermark(1, 2);
        assertThat(late.fired()).contains("I3", "I13");
    }

    @Test
    void shouldCountWrittenBytesOnlyForWrittenTopics() {
        for (Durability durability : Durability.values()) {
            FakeCluster some = FakeCluster.healthy(durability);
            long id = some.send(Acks.ALL);
            some.append(1, 1, id);
            some.append(2, 1, id);
            some.checker.appended(3, LOG, 0, 2, 1, id);
            some.replica(3).staged = 2;
            some.replica(3).written = 2;
            some.highWatermark(1, 2);
            assertThat(some.fired().contains("I13")).isEqualTo(durability == Durability.FLUSHED);
        }
    }

    @Test
    void shouldSeeALeaderThatCountsOnFewerThanTheControllerDoes() {
        cluster.replica(1).isr = List.of(1, 2);
        cluster.replica(1).maximalIsr = List.of(1, 2);
        cluster.checker.touched(1, LOG);
        assertThat(cluster.fired()).containsExactly("I13");
    }

    @Test
    void shouldSeeMembershipOutOfShape() {
        cluster.metadata(1, 2, List.of(1, 2), List.of(2), 0);
        cluster.metadata(1, 2, List.of(1, 2), List.of(3), 0);
        cluster.metadata(3, 3, List.of(1, 2), List.of(), 0);
        assertThat(cluster.fired()).filteredOn("I14"::equals).hasSize(3);
    }

    @Test
    void shouldSeeEpochsFallInTheMetadata() {
        cluster.metadata(2, 5, List.of(1, 2), List.of(), 0);
        cluster.metadata(1, 4, List.of(1, 2), List.of(), 0);
        assertThat(cluster.fired()).containsExactly("I8");
    }

    @Test
    void shouldSeeAnUncleanReplicaThatStaysAMember() {
        FakeCluster written = FakeCluster.healthy(Durability.WRITTEN);
        written.restart(3, Stop.CRASH, 0);
        written.register(3);
        assertThat(written.fired()).containsExactly("I24");

        FakeCluster left = FakeCluster.healthy(Durability.WRITTEN);
        left.restart(3, Stop.CRASH, 0);
        left.metadata(1, 2, List.of(1, 2), List.of(), 0);
        left.register(3);
        left.metadata(1, 2, List.of(1, 2, 3), List.of(), 0);
        left.metadata(1, 2, List.of(1), List.of(3), 0);
        assertThat(left.fired()).isEmpty();
    }

    @Test
    void shouldSeeAnUncleanReplicaBecomeEligibleAgain() {
        FakeCluster written = FakeCluster.healthy(Durability.WRITTEN);
        written.restart(3, Stop.CRASH, 0);
        written.metadata(1, 2, List.of(1, 2), List.of(), 0);
        written.register(3);
        written.metadata(1, 3, List.of(1), List.of(2, 3), 0);
        assertThat(written.fired()).containsExactly("I24");
    }

    @Test
    void shouldTellWhatHappenedToOneNodeFromWhatHappenedToAnother() {
        for (int node = 1; node <= 2; node++) {
            cluster.restart(node, Stop.CRASH, 0);
        }
        cluster.restart(3, Stop.OTHER_DISK, 0);
        cluster.register(1);
        cluster.register(2);
        assertThat(cluster.fired()).isEmpty();
        cluster.register(3);
        assertThat(cluster.fired()).containsExactly("I24");
    }

    @Test
    void shouldJudgeALateRegistrationByWhatWasBeforeItsOwnProcess() {
        FakeCluster written = FakeCluster.healthy(Durability.WRITTEN);
        written.restart(3, Stop.CLEAN, 0);
        var late = written.incarnation(3);
        written.restart(3, Stop.CRASH, 0);
        written.register(3, late);
        assertThat(written.fired()).isEmpty();
        written.register(3);
        assertThat(written.fired()).containsExactly("I24");
    }

    @Test
    void shouldLetAnUncleanReplicaTakeOverInTheEntryThatTakesItIn() {
        FakeCluster written = FakeCluster.healthy(Durability.WRITTEN);
        written.restart(3, Stop.CRASH, 0);
        written.metadata(1, 1, List.of(1), List.of(2), 0);
        written.register(3);
        written.shutDown(1);
        written.skipPartitionEpoch();
        written.metadata(3, 2, List.of(3), List.of(1), 0);
        assertThat(written.fired()).isEmpty();
    }

    @Test
    void shouldSeeAnUncleanReplicaLeadThatNobodyTookIn() {
        FakeCluster written = FakeCluster.healthy(Durability.WRITTEN);
        written.restart(3, Stop.CRASH, 0);
        written.metadata(1, 1, List.of(1), List.of(2), 0);
        written.register(3);
        written.shutDown(1);
        written.metadata(3, 2, List.of(3), List.of(1), 0);
        assertThat(written.fired()).containsExactly("I24");
    }

    @Test
    void shouldLetFlushedReplicasStayMembersOverAPowerLossButNotOverAnotherDisk() {
        cluster.restart(3, Stop.POWER_LOSS, 0);
        cluster.register(3);
        assertThat(cluster.fired()).isEmpty();
        cluster.restart(3, Stop.OTHER_DISK, 0);
        cluster.register(3);
        assertThat(cluster.fired()).containsExactly("I24");
    }

    @Test
    void shouldSeeOtherMetadataThanWasCommitted() {
        cluster.checker.applied(1, cluster.image);
        assertThat(cluster.fired()).isEmpty();
        cluster.checker.applied(1, cluster.image.plus(new TopicRemovedRecord(TOPIC)));
        cluster.checker.applied(1, cluster.image.at(99, 1));
        assertThat(cluster.fired()).containsExactly("I23", "I23");
    }

    @Test
    void shouldSeeADeletedTopicRise() {
        cluster.commit(1, 1);
        var before = cluster.image;
        cluster.image = before.plus(new TopicRemovedRecord(TOPIC)).at(before.index() + 1, 1);
        cluster.applied.put(1, before);
        cluster.checker.committed(cluster.image);
        cluster.checker.touched(1, LOG);
        assertThat(cluster.fired()).as("it has not heard of it").isEmpty();
        cluster.applied.put(1, cluster.image);
        cluster.checker.touched(1, LOG);
        cluster.checker.removed(2, LOG);
        cluster.replica(2).cut(0);
        cluster.applied.put(2, before);
        cluster.append(2, 1, cluster.send(Acks.ALL));
        assertThat(cluster.fired()).filteredOn("I21"::equals).hasSizeGreaterThan(1);
    }

    @Test
    void shouldSeeABoundExceeded() {
        cluster.boundValue = 100;
        cluster.checker.finish();
        assertThat(cluster.fired()).isEmpty();
        cluster.boundValue = 101;
        cluster.checker.finish();
        assertThat(cluster.fired()).containsExactly("I26");
    }

    // ---- what may be forgiven

    @Test
    void shouldForgiveOnlyWhatMinMembersLostOfAWrittenTopic() {
        FakeCluster written = loseTails(Durability.WRITTEN, 2);
        assertThat(written.fired()).isEmpty();
        assertThat(written.checker.forgave()).isTrue();
        written.commit(1, 3);
        assertThat(written.fired()).as("life goes on").isEmpty();
    }

    @Test
    void shouldNotForgiveWhatFewerMembersLost() {
        FakeCluster written = loseTails(Durability.WRITTEN, 1);
        assertThat(written.fired()).contains("I1");
    }

    @Test
    void shouldNeverForgiveALossOfAFlushedTopic() {
        assertThat(loseTails(Durability.FLUSHED, 2).fired()).contains("I1");
    }

    @Test
    void shouldForgiveWhatTheOnlyMemberLostAfterTheMinimumWasLowered() {
        FakeCluster written = FakeCluster.healthy(Durability.WRITTEN);
        written.commit(1, 1);
        written.minimum(1, 1, List.of(1));
        written.commit(1, 1);
        written.minimum(2, 1, List.of(1));
        written.restart(1, Stop.POWER_LOSS, 2);
        written.metadata(0, 2, List.of(), List.of(), 0);
        written.register(1);
        written.metadata(1, 3, List.of(1), List.of(), 3);
        assertThat(written.fired()).isEmpty();
        assertThat(written.checker.forgave()).isTrue();
    }

    @Test
    void shouldNotForgiveMoreBecauseTheMinimumIsLoweredAfterTheLoss() {
        FakeCluster written = FakeCluster.healthy(Durability.WRITTEN);
        written.commit(1, 1);
        written.restart(1, Stop.POWER_LOSS, 0);
        written.metadata(0, 2, List.of(), List.of(), 0);
        written.register(1);
        written.minimum(1, 2, List.of());
        written.metadata(1, 3, List.of(1), List.of(), 3);
        assertThat(written.fired()).contains("I1");
    }

    /** Three batches are committed; nodes from 1 on lose the last one, and then 1 is elected whatever it has. */
    private static FakeCluster loseTails(Durability durability, int losers) {
        FakeCluster some = FakeCluster.healthy(durability);
        some.commit(1, 1);
        some.commit(1, 1);
        some.commit(1, 1);
        for (int node = 1; node <= 3; node++) {
            some.restart(node, durability == Durability.FLUSHED ? Stop.CRASH : Stop.POWER_LOSS, node <= losers ? 4 : 6);
        }
        some.metadata(0, 2, List.of(), List.of(), 0);
        for (int node = 1; node <= 3; node++) {
            some.register(node);
        }
        some.metadata(1, 3, List.of(1), List.of(), 3);
        some.replica(1).isr = List.of(1, 2, 3);
        some.lead(1, 3);
        some.truncate(3, 4);
        some.highWatermark(1, 4);
        return some;
    }
}
