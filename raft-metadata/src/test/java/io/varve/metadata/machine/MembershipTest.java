// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import static io.varve.metadata.machine.World.uuid;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.AlterConfigs;
import io.varve.metadata.command.CommandBody.AlterPartition;
import io.varve.metadata.command.CommandBody.ElectLeaders;
import io.varve.metadata.command.CommandBody.ElectionType;
import io.varve.metadata.command.CommandBody.PartitionToAlter;
import io.varve.metadata.command.CommandBody.PartitionToElect;
import io.varve.metadata.command.CommandBody.ResignLeadership;
import io.varve.metadata.command.CommandBody.UncleanChoice;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.proto.v1.ErrorReason;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MembershipTest {

    private static final ErrorReason OK = ErrorReason.UNRECOGNIZED;
    private final World world = new World().nodes(1, 2, 3);

    private AlterPartition alter(int leader, int leaderEpoch, int partitionEpoch, BrokerRef... isr) {
        return new AlterPartition(
                world.ref(leader),
                List.of(new PartitionToAlter(uuid("t"), 0, leaderEpoch, partitionEpoch, Arrays.asList(isr))));
    }

    private void expect(PartitionImage p, int leader, int leaderEpoch, List<Integer> isr, List<Integer> elr) {
        assertThat(p.leader()).isEqualTo(leader);
        assertThat(p.leaderEpoch()).isEqualTo(leaderEpoch);
        assertThat(p.isr()).isEqualTo(isr);
        assertThat(p.elr()).isEqualTo(elr);
    }

    @Test
    void shouldKeepElrWhenIsrFallsBelowMinimum() {
        world.create("t", List.of(1, 2, 3), Map.of());
        world.fence(1);
        expect(world.partition("t"), 2, 2, List.of(2, 3), List.of());
        world.fence(2);
        expect(world.partition("t"), 3, 3, List.of(3), List.of(2));
        world.fence(3);
        expect(world.partition("t"), PartitionImage.NO_LEADER, 4, List.of(), List.of(2, 3));
        // node 1 was out before the minimum was lost: it may lack records
        world.restart(1, false);
        world.unfence(1);
        expect(world.partition("t"), PartitionImage.NO_LEADER, 4, List.of(), List.of(2, 3));
        world.restart(3, false);
        world.unfence(3);
        expect(world.partition("t"), 3, 5, List.of(3), List.of(2));
    }

    @Test
    void shouldFenceSeveralAtOnceAtTheCostOfOneEpoch() {
        world.create("t", List.of(1, 2, 3), Map.of());
        world.fence(1, 2);
        expect(world.partition("t"), 3, 2, List.of(3), List.of(1, 2));
    }

    @Test
    void shouldBringBackSoleFlushedReplicaAfterKill() {
        world.create("t", List.of(1), Map.of());
        world.restart(1, false);
        expect(world.partition("t"), PartitionImage.NO_LEADER, 2, List.of(), List.of(1));
        world.unfence(1);
        expect(world.partition("t"), 1, 3, List.of(1), List.of());
    }

    @Test
    void shouldNotElectDamagedReplica() {
        world.create("t", List.of(1), Map.of());
        world.restart(1, true, new ReplicaId(uuid("t"), 0));
        world.unfence(1);
        expect(world.partition("t"), PartitionImage.NO_LEADER, 2, List.of(), List.of());
        assertThat(world.partition("t").lastKnownElr()).containsExactly(1);
        assertThat(world.reasonOf(unclean(1))).isEqualTo(ErrorReason.ERROR_REASON_ELIGIBLE_LEADERS_NOT_AVAILABLE);
    }

    @Test
    void shouldNeedUncleanElectionForWrittenReplicaWithoutProofOfCleanStop() {
        world.create("t", List.of(1), Map.of("durability", "written"));
        world.restart(1, true);
        world.unfence(1);
        expect(world.partition("t"), 1, 3, List.of(1), List.of());
        world.restart(1, false);
        world.unfence(1);
        expect(world.partition("t"), PartitionImage.NO_LEADER, 4, List.of(), List.of());
        assertThat(world.reasonOf(unclean(1))).isEqualTo(OK);
        expect(world.partition("t"), 1, 5, List.of(1), List.of());
        assertThat(world.partition("t").lastUncleanEpoch()).isEqualTo(5);
    }

    private ElectLeaders unclean(int node) {
        var choice = new UncleanChoice(world.ref(node), world.partition("t").partitionEpoch());
        return new ElectLeaders(ElectionType.UNCLEAN, List.of(new PartitionToElect(uuid("t"), 0, Optional.of(choice))));
    }

    @Test
    void shouldDistrustOlderImageOfDisk() {
        world.create("t", List.of(1), Map.of());
        // when it names no epoch although it was unfenced under one
        world.apply(World.registration(1, uuid("later"), 0, true, List.of()));
        world.unfence(1);
        // then
        expect(world.partition("t"), PartitionImage.NO_LEADER, 2, List.of(), List.of());
        assertThat(world.partition("t").lastKnownElr()).containsExactly(1);
    }

    @Test
    void shouldRefuseOtherDirectoryUnderLiveNodeId() {
        var other = new io.varve.metadata.command.CommandBody.RegisterBroker(
                1,
                new BrokerImage.Identity(uuid("otherDir"), uuid("i")),
                List.of(),
                "",
                io.varve.metadata.image.FeatureRange.SUPPORTED,
                0,
                true,
                List.of());
        world.create("t", List.of(1, 2, 3), Map.of());
        assertThat(world.reasonOf(other)).isEqualTo(ErrorReason.ERROR_REASON_DUPLICATE_BROKER_REGISTRATION);
        // but once it is fenced, the disk may be replaced, and everything on it is gone
        world.fence(1);
        assertThat(world.reasonOf(other)).isEqualTo(OK);
        assertThat(world.partition("t").assignment().directories())
                .containsExactly(uuid("otherDir"), uuid("dir2"), uuid("dir3"));
    }

    @Test
    void shouldRefuseEpochsInOrder() {
        world.create("t", List.of(1, 2, 3), Map.of());
        var all = new BrokerRef[] {world.ref(1), world.ref(2), world.ref(3)};
        assertThat(world.reasonOf(alter(1, 2, 0, all))).isEqualTo(ErrorReason.ERROR_REASON_NOT_CONTROLLER);
        assertThat(world.reasonOf(alter(1, 1, 9, all))).isEqualTo(ErrorReason.ERROR_REASON_NOT_CONTROLLER);
        assertThat(world.reasonOf(alter(1, 0, 0, all))).isEqualTo(ErrorReason.ERROR_REASON_FENCED_LEADER_EPOCH);
        assertThat(world.reasonOf(alter(2, 1, 0, all))).isEqualTo(ErrorReason.ERROR_REASON_INVALID_REQUEST);
        assertThat(world.partition("t").partitionEpoch()).isZero();
        assertThat(world.reasonOf(alter(1, 1, 0, world.ref(1), world.ref(2)))).isEqualTo(OK);
        expect(world.partition("t"), 1, 1, List.of(1, 2), List.of());
        assertThat(world.reasonOf(alter(1, 1, 0, all))).isEqualTo(ErrorReason.ERROR_REASON_INVALID_UPDATE_VERSION);
        assertThat(world.partition("t").partitionEpoch()).isEqualTo(1);
        var stale = new AlterPartition(new BrokerRef(1, 99), List.of());
        assertThat(world.reasonOf(stale)).isEqualTo(ErrorReason.ERROR_REASON_STALE_BROKER_EPOCH);
    }

    @Test
    void shouldBumpPartitionEpochOnRefusalAfterWhichLeaderMayRollBack() {
        world.create("t", List.of(1, 2, 3), Map.of());
        var old = world.ref(3);
        world.restart(3, true);
        world.unfence(3);
        int epoch = world.partition("t").partitionEpoch();
        assertThat(world.reasonOf(alter(1, 1, epoch, world.ref(1), world.ref(2), old)))
                .isEqualTo(ErrorReason.ERROR_REASON_INELIGIBLE_REPLICA);
        assertThat(world.partition("t").partitionEpoch()).isEqualTo(epoch + 1);
        assertThat(world.partition("t").isr()).containsExactly(1, 2);
        assertThat(world.reasonOf(alter(1, 1, epoch + 1, world.ref(2))))
                .isEqualTo(ErrorReason.ERROR_REASON_INVALID_REQUEST);
        assertThat(world.partition("t").partitionEpoch()).isEqualTo(epoch + 2);
    }

    @Test
    void shouldClearElrWithChangeOfMinimum() {
        world.create("t", List.of(1, 2, 3), Map.of());
        world.fence(1, 2);
        expect(world.partition("t"), 3, 2, List.of(3), List.of(1, 2));
        int epoch = world.partition("t").partitionEpoch();
        world.apply(new AlterConfigs(uuid("t"), new TreeMap<>(Map.of("min.insync.replicas", Optional.of("1")))));
        expect(world.partition("t"), 3, 2, List.of(3), List.of());
        assertThat(world.partition("t").partitionEpoch()).isEqualTo(epoch + 1);
        // with nobody in sync the elr is the only memory of who has everything
        world.fence(3);
        assertThat(world.reasonOf(
                        new AlterConfigs(uuid("t"), new TreeMap<>(Map.of("min.insync.replicas", Optional.of("3"))))))
                .isEqualTo(ErrorReason.ERROR_REASON_INVALID_CONFIG);
    }

    @Test
    void shouldNotElectFromAnElrThatARaisedMinimumCleared() {
        world.create("t", List.of(1, 2, 3), Map.of());
        world.fence(1, 2);
        world.apply(new AlterConfigs(uuid("t"), new TreeMap<>(Map.of("min.insync.replicas", Optional.of("3")))));
        // node 1 and node 2 still hold everything: the rule forgets more than it would have to
        expect(world.partition("t"), 3, 2, List.of(3), List.of());
        assertThat(world.partition("t").lastKnownElr()).containsExactly(1, 2);
        world.fence(3);
        world.unfence(1);
        expect(world.partition("t"), PartitionImage.NO_LEADER, 3, List.of(), List.of(3));
        world.unfence(3);
        assertThat(world.partition("t").leader()).isEqualTo(3);
    }

    @Test
    void shouldRefuseAProposalThatWasMadeUnderAnotherMinimum() {
        world.create("t", List.of(1, 2, 3), Map.of());
        int epoch = world.partition("t").partitionEpoch();
        world.apply(new AlterConfigs(uuid("t"), new TreeMap<>(Map.of("min.insync.replicas", Optional.of("3")))));
        assertThat(world.partition("t").minIsr()).isEqualTo(3);
        assertThat(world.reasonOf(alter(1, 1, epoch, world.ref(1), world.ref(2))))
                .isEqualTo(ErrorReason.ERROR_REASON_INVALID_UPDATE_VERSION);
        assertThat(world.reasonOf(alter(1, 1, epoch + 1, world.ref(1), world.ref(2))))
                .isEqualTo(OK);
        expect(world.partition("t"), 1, 1, List.of(1, 2), List.of(3));
    }

    private ResignLeadership resign(int node, int leaderEpoch, boolean reopened, boolean lost) {
        return new ResignLeadership(world.ref(node), uuid("t"), 0, leaderEpoch, "EIO", reopened, lost);
    }

    @Test
    void shouldElectNextCandidateWhenLeaderResigns() {
        world.create("t", List.of(1, 2, 3), Map.of());
        assertThat(world.reasonOf(resign(1, 1, false, false))).isEqualTo(OK);
        expect(world.partition("t"), 2, 2, List.of(2, 3), List.of());
        assertThat(world.reasonOf(resign(1, 1, false, false))).isEqualTo(ErrorReason.ERROR_REASON_FENCED_LEADER_EPOCH);
    }

    @Test
    void shouldReelectSoleReplicaOnlyWhenReopened() {
        world.create("t", List.of(1), Map.of());
        assertThat(world.reasonOf(resign(1, 1, true, false))).isEqualTo(OK);
        expect(world.partition("t"), 1, 2, List.of(1), List.of());
        assertThat(world.reasonOf(resign(1, 2, false, false))).isEqualTo(OK);
        expect(world.partition("t"), PartitionImage.NO_LEADER, 3, List.of(), List.of(1));
        assertThat(world.reasonOf(resign(1, 2, true, false))).isEqualTo(OK);
        expect(world.partition("t"), 1, 4, List.of(1), List.of());
        assertThat(world.reasonOf(resign(1, 4, true, true))).isEqualTo(OK);
        expect(world.partition("t"), PartitionImage.NO_LEADER, 5, List.of(), List.of());
        assertThat(world.partition("t").lastKnownElr()).containsExactly(1);
    }

    @Test
    void shouldPreferFirstReplica() {
        world.create("t", List.of(1, 2, 3), Map.of());
        var elect =
                new ElectLeaders(ElectionType.PREFERRED, List.of(new PartitionToElect(uuid("t"), 0, Optional.empty())));
        assertThat(world.reasonOf(elect)).isEqualTo(ErrorReason.ERROR_REASON_ELECTION_NOT_NEEDED);
        world.fence(1);
        assertThat(world.reasonOf(elect)).isEqualTo(ErrorReason.ERROR_REASON_ELIGIBLE_LEADERS_NOT_AVAILABLE);
        world.restart(1, true);
        world.unfence(1);
        var p = world.partition("t");
        assertThat(world.reasonOf(alter(2, p.leaderEpoch(), p.partitionEpoch(), world.ref(1), world.ref(2))))
                .isEqualTo(OK);
        assertThat(world.reasonOf(elect)).isEqualTo(OK);
        expect(world.partition("t"), 1, 3, List.of(1, 2), List.of());
    }

    @Test
    void shouldFenceDecisionsOfEarlierTerm() {
        world.term = 5;
        var decision = MetadataCommand.decidedBy(
                4, new io.varve.metadata.command.CommandBody.FenceBrokers(List.of(world.ref(1)), "silent"));
        var applied = world.applied(decision);
        assertThat(applied.result().rejection().orElseThrow().reason())
                .isEqualTo(ErrorReason.ERROR_REASON_NOT_CONTROLLER);
        assertThat(world.image().broker(1).orElseThrow().fenced()).isFalse();
        assertThat(world.activate().image().controller().epoch()).isEqualTo(5);
    }
}
