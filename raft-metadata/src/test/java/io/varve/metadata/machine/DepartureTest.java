// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import static io.varve.metadata.machine.World.uuid;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.AlterConfigs;
import io.varve.metadata.command.CommandBody.AlterPartition;
import io.varve.metadata.command.CommandBody.BeginShutdown;
import io.varve.metadata.command.CommandBody.ElectLeaders;
import io.varve.metadata.command.CommandBody.ElectionType;
import io.varve.metadata.command.CommandBody.PartitionToAlter;
import io.varve.metadata.command.CommandBody.PartitionToElect;
import io.varve.metadata.command.CommandBody.ReportDamage;
import io.varve.metadata.command.CommandBody.ReportFreshStart;
import io.varve.metadata.command.CommandBody.TakeDirectoryOffline;
import io.varve.metadata.command.CommandBody.UncleanChoice;
import io.varve.metadata.command.CommandBody.UnfenceBroker;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.MetadataRecord.UncleanElectionRecord;
import io.varve.metadata.image.NodeReport;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.image.ReplicaReport;
import io.varve.proto.v1.ErrorReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DepartureTest {

    private static final ErrorReason OK = ErrorReason.UNRECOGNIZED;
    private final World world = new World().nodes(1, 2, 3);

    private void expect(int leader, int leaderEpoch, List<Integer> isr, List<Integer> elr) {
        var p = world.partition("t");
        assertThat(p.leader()).isEqualTo(leader);
        assertThat(p.leaderEpoch()).isEqualTo(leaderEpoch);
        assertThat(p.isr()).isEqualTo(isr);
        assertThat(p.elr()).isEqualTo(elr);
    }

    private ErrorReason alter(int leader, Integer... isr) {
        var p = world.partition("t");
        var members = List.of(isr).stream().map(world::ref).toList();
        return world.reasonOf(new AlterPartition(
                world.ref(leader),
                List.of(new PartitionToAlter(uuid("t"), 0, p.leaderEpoch(), p.partitionEpoch(), members))));
    }

    @Test
    void shouldHandOverToOthersWhenNodeBeginsToStop() {
        world.create("t", List.of(1, 2, 3), Map.of());
        world.apply(new BeginShutdown(world.ref(1)));
        expect(2, 2, List.of(2, 3), List.of());
        // once more changes nothing, and nobody lets it in again
        var before = world.partition("t");
        world.apply(new BeginShutdown(world.ref(1)));
        assertThat(world.partition("t")).isEqualTo(before);
        assertThat(alter(2, 1, 2, 3)).isEqualTo(ErrorReason.ERROR_REASON_INELIGIBLE_REPLICA);
        world.apply(new BeginShutdown(world.ref(2)));
        expect(3, 3, List.of(3), List.of(2));
        assertThat(world.reasonOf(new BeginShutdown(new BrokerRef(3, 999))))
                .isEqualTo(ErrorReason.ERROR_REASON_STALE_BROKER_EPOCH);
    }

    @Test
    void shouldStayLeaderOnItsWayOutUntilSomebodyCanTakeOver() {
        world.create("t", List.of(1, 2, 3), Map.of());
        world.fence(2, 3);
        expect(1, 1, List.of(1), List.of(2, 3));
        world.apply(new BeginShutdown(world.ref(1)));
        expect(1, 1, List.of(1), List.of(2, 3));
        world.unfence(2);
        assertThat(alter(1, 1, 2)).isEqualTo(OK);
        expect(2, 2, List.of(2), List.of(1));
    }

    @Test
    void shouldElectFromElrWhenLastMemberOnItsWayOutIsFenced() {
        world.create("t", List.of(1, 2, 3), Map.of());
        world.fence(3);
        world.fence(2);
        expect(1, 1, List.of(1), List.of(2));
        world.apply(new BeginShutdown(world.ref(1)));
        world.unfence(2);
        expect(1, 1, List.of(1), List.of(2));
        world.fence(1);
        expect(2, 2, List.of(2), List.of(1));
    }

    @Test
    void shouldTakeNodeWithFailedDirectoryOutOfEverything() {
        world.create("t", List.of(1, 2, 3), Map.of("min.insync.replicas", "3"));
        var offline = new TakeDirectoryOffline(world.ref(1), "EIO");
        world.apply(offline);
        // of a flushed log it still has what it acknowledged
        expect(2, 2, List.of(2, 3), List.of(1));
        var before = world.partition("t");
        world.apply(offline);
        assertThat(world.partition("t")).isEqualTo(before);
        assertThat(world.reasonOf(new UnfenceBroker(world.ref(1))))
                .isEqualTo(ErrorReason.ERROR_REASON_KAFKA_STORAGE_ERROR);
        world.restart(1, false);
        assertThat(world.reasonOf(new UnfenceBroker(world.ref(1)))).isEqualTo(OK);
        assertThat(world.image().isEligible(1)).isTrue();
    }

    @Test
    void shouldDistrustWrittenReplicasOfFailedDirectory() {
        world.create("t", List.of(1, 2, 3), Map.of("min.insync.replicas", "3", "durability", "written"));
        world.apply(new TakeDirectoryOffline(world.ref(1), "EIO"));
        expect(2, 2, List.of(2, 3), List.of());
        assertThat(world.partition("t").lastKnownElr()).containsExactly(1);
    }

    private ErrorReason transfer(BrokerRef target) {
        return world.reasonOf(
                new ElectLeaders(ElectionType.TRANSFER, List.of(PartitionToElect.transfer(uuid("t"), 0, target))));
    }

    @Test
    void shouldTransferLeadershipToNamedMemberOnly() {
        world.create("t", List.of(1, 2, 3), Map.of());
        assertThat(transfer(world.ref(3))).isEqualTo(OK);
        expect(3, 2, List.of(1, 2, 3), List.of());
        assertThat(transfer(world.ref(3))).isEqualTo(ErrorReason.ERROR_REASON_ELECTION_NOT_NEEDED);
        assertThat(transfer(new BrokerRef(2, 999))).isEqualTo(ErrorReason.ERROR_REASON_STALE_BROKER_EPOCH);
        assertThat(alter(3, 1, 3)).isEqualTo(OK);
        assertThat(transfer(world.ref(2))).isEqualTo(ErrorReason.ERROR_REASON_ELIGIBLE_LEADERS_NOT_AVAILABLE);
        expect(3, 2, List.of(1, 3), List.of());
    }

    private NodeReport report(int id, int lastEpoch, long end, long highWatermark) {
        return new NodeReport(id, world.epoch(id), new ReplicaReport(lastEpoch, end, highWatermark));
    }

    private ElectLeaders unclean(int candidate, NodeReport... reports) {
        var choice =
                new UncleanChoice(world.ref(candidate), world.partition("t").partitionEpoch(), List.of(reports));
        return new ElectLeaders(ElectionType.UNCLEAN, List.of(new PartitionToElect(uuid("t"), 0, Optional.of(choice))));
    }

    @Test
    void shouldElectUncleanlyOnlyBestOfWholeReports() {
        world.create("t", List.of(1, 2, 3), Map.of("durability", "written"));
        world.fence(1);
        world.fence(2);
        world.restart(3, false);
        world.restart(2, false);
        world.unfence(3);
        expect(PartitionImage.NO_LEADER, 4, List.of(), List.of());
        // node 2 is not there yet
        var refused = ErrorReason.ERROR_REASON_ELIGIBLE_LEADERS_NOT_AVAILABLE;
        assertThat(world.reasonOf(unclean(3, report(3, 2, 10, 9), report(2, 2, 5, 5))))
                .isEqualTo(refused);
        var old = report(2, 9, 99, 99);
        world.restart(2, false);
        world.unfence(2);
        assertThat(world.reasonOf(unclean(2, report(3, 2, 10, 9), old))).isEqualTo(refused);
        assertThat(world.reasonOf(unclean(3, report(3, 2, 10, 9)))).isEqualTo(refused);
        assertThat(world.reasonOf(unclean(2, report(3, 2, 10, 9), report(2, 2, 5, 5))))
                .isEqualTo(ErrorReason.ERROR_REASON_INVALID_REQUEST);
        var applied = world.applied(MetadataCommand.unfenced(unclean(3, report(3, 2, 10, 9), report(2, 2, 5, 14))));
        expect(3, 5, List.of(3), List.of());
        var announced = new ArrayList<Long>();
        for (var r : applied.delta().records()) {
            if (r instanceof UncleanElectionRecord u) {
                announced.add(u.knownLostRecords());
            }
        }
        assertThat(announced).containsExactly(4L);
    }

    @Test
    void shouldNotElectEmptyLogUncleanlyUnlessAllReplicasWereHeard() {
        world.create("t", List.of(2, 1, 3), Map.of("min.insync.replicas", "1"));
        world.fence(1, 3);
        world.fence(2);
        world.replaceDisk(2);
        world.unfence(2);
        world.unfence(1);
        assertThat(world.reasonOf(unclean(2, report(2, 0, 0, 0), report(1, 0, 0, 0))))
                .isEqualTo(ErrorReason.ERROR_REASON_ELIGIBLE_LEADERS_NOT_AVAILABLE);
        world.unfence(3);
        assertThat(world.reasonOf(unclean(2, report(2, 0, 0, 0), report(1, 0, 0, 0), report(3, 0, 0, 0))))
                .isEqualTo(OK);
    }

    @Test
    void shouldRememberElrThatChangeOfMinimumDrops() {
        world.create("t", List.of(1, 2, 3), Map.of("min.insync.replicas", "2"));
        world.fence(3);
        world.fence(2);
        expect(1, 1, List.of(1), List.of(2));
        world.apply(new AlterConfigs(uuid("t"), new TreeMap<>(Map.of("min.insync.replicas", Optional.of("1")))));
        expect(1, 1, List.of(1), List.of());
        assertThat(world.partition("t").lastKnownElr()).containsExactly(2);
    }

    private static final ReplicaId T0 = new ReplicaId(uuid("t"), 0);

    private ErrorReason damaged(BrokerRef broker) {
        return world.reasonOf(new ReportDamage(broker, List.of(T0, new ReplicaId(uuid("gone"), 3)), "bad checksum"));
    }

    @Test
    void shouldElectAnotherThanLeaderWhoseCopyIsDamaged() {
        world.create("t", List.of(1, 2, 3), Map.of("min.insync.replicas", "2"));
        world.fence(2);
        assertThat(damaged(world.ref(1))).isEqualTo(OK);
        expect(3, 2, List.of(3), List.of());
        assertThat(world.partition("t").lastKnownElr()).containsExactly(1);
        assertThat(world.image().broker(1).orElseThrow().damaged()).containsExactly(T0);
        assertThat(alter(3, 1, 3)).isEqualTo(ErrorReason.ERROR_REASON_INELIGIBLE_REPLICA);
        var before = world.image().topics();
        assertThat(damaged(world.ref(1))).isEqualTo(OK); // once more changes nothing
        assertThat(world.image().topics()).isSameAs(before);
        assertThat(damaged(new BrokerRef(1, 999))).isEqualTo(ErrorReason.ERROR_REASON_STALE_BROKER_EPOCH);
        world.restart(1, true);
        assertThat(world.image().broker(1).orElseThrow().damaged()).isEmpty();
    }

    @Test
    void shouldTakeCopyInAgainThatStartedAfreshInEpochOfItsOwn() {
        world.create("t", List.of(1, 2, 3), Map.of("min.insync.replicas", "2"));
        assertThat(damaged(world.ref(2))).isEqualTo(OK);
        expect(1, 1, List.of(1, 3), List.of());
        int before = world.partition("t").partitionEpoch();
        var fresh = new ReportFreshStart(world.ref(2), List.of(T0));
        assertThat(world.reasonOf(fresh)).isEqualTo(OK);
        expect(1, 2, List.of(1, 3), List.of()); // what the old copy acknowledged was in epoch 1 (P4)
        assertThat(world.partition("t").partitionEpoch()).isEqualTo(before + 1);
        assertThat(world.image().broker(2).orElseThrow().damaged()).isEmpty();
        assertThat(world.reasonOf(fresh)).isEqualTo(OK); // once more changes nothing
        expect(1, 2, List.of(1, 3), List.of());
        assertThat(alter(1, 1, 2, 3)).isEqualTo(OK);
    }

    @Test
    void shouldNotWaitForSoleMemberWhoseCopyIsDamaged() {
        world.create("t", List.of(1, 2, 3), Map.of("min.insync.replicas", "2"));
        world.fence(2);
        world.fence(3);
        expect(1, 1, List.of(1), List.of(3));
        world.apply(new AlterConfigs(uuid("t"), new TreeMap<>(Map.of("min.insync.replicas", Optional.of("3")))));
        assertThat(damaged(world.ref(1))).isEqualTo(OK);
        expect(PartitionImage.NO_LEADER, 2, List.of(), List.of());
        world.unfence(1);
        expect(PartitionImage.NO_LEADER, 2, List.of(), List.of());
    }

    @Test
    void shouldTakeDamagedFollowerOutOfElr() {
        world.create("t", List.of(1, 2, 3), Map.of("min.insync.replicas", "3"));
        world.fence(2);
        world.unfence(2);
        expect(1, 1, List.of(1, 3), List.of(2));
        assertThat(damaged(world.ref(2))).isEqualTo(OK);
        expect(1, 1, List.of(1, 3), List.of());
    }

    @Test
    void shouldLetPersonGiveUpOnlyMembersThatCannotLead() {
        world.create("t", List.of(1, 2, 3), Map.of("min.insync.replicas", "2"));
        world.fence(3);
        world.fence(2);
        world.unfence(3);
        world.unfence(2);
        expect(1, 1, List.of(1), List.of(2));
        world.fence(2);
        world.fence(1);
        expect(PartitionImage.NO_LEADER, 2, List.of(), List.of(1, 2));
        // reports decide nothing about members that hold everything
        assertThat(world.reasonOf(unclean(3, report(3, 1, 5, 5))))
                .isEqualTo(ErrorReason.ERROR_REASON_ELECTION_NOT_NEEDED);
        world.apply(new BeginShutdown(world.ref(1)));
        world.unfence(1); // there, but on its way out
        assertThat(world.reasonOf(unclean(3))).isEqualTo(ErrorReason.ERROR_REASON_ELECTION_NOT_NEEDED);
        world.fence(1);
        assertThat(world.reasonOf(unclean(3))).isEqualTo(OK);
        expect(3, 3, List.of(3), List.of());
    }
}
