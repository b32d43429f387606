// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.image.ReplicaReport;
import io.varve.metadata.machine.World;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Nodes that stop, disks that fail, partitions that nobody is known to hold. */
class HandOverTest extends ControllerOverLog {
    @Test
    void shouldLetNodeStopOnceOthersLeadAndAllKnow() {
        world.create("t", 4, 3, Map.of());
        image = world.image();
        lead(1);
        int node = 2;
        var asks = new BrokerHeartbeat(ref(node), image.index(), false, true);
        assertThat(heartbeat(asks).mayStop()).isFalse();
        applyAll();
        assertThat(image.broker(node).orElseThrow().eligible()).isFalse();
        assertThat(partitions()).noneMatch(p -> p.leader() == node || p.isr().contains(node));
        // nobody has said yet that it has applied that
        assertThat(heartbeat(new BrokerHeartbeat(ref(node), image.index(), false, true))
                        .mayStop())
                .isFalse();
        List.of(1, 3, 4).forEach(this::heartbeat);
        assertThat(heartbeat(new BrokerHeartbeat(ref(node), image.index(), false, true))
                        .mayStop())
                .isTrue();
        assertThat(applied.stream().filter(CommandBody.BeginShutdown.class::isInstance))
                .hasSize(1);
    }

    @Test
    void shouldLetSoleReplicaStopWithoutSuccessor() {
        world.create("t", 1, 1, Map.of());
        image = world.image();
        lead(1);
        int node = partitions().get(0).leader();
        heartbeat(new BrokerHeartbeat(ref(node), image.index(), false, true));
        applyAll();
        List.of(1, 2, 3, 4).forEach(this::heartbeat);
        assertThat(heartbeat(new BrokerHeartbeat(ref(node), image.index(), false, true))
                        .mayStop())
                .isTrue();
        assertThat(partitions().get(0).leader()).isEqualTo(node);
    }

    @Test
    void shouldTakeDirectoryOfflineAndKeepNodeFenced() {
        lead(1);
        heartbeat(new BrokerHeartbeat(ref(2), image.index(), false, false, true));
        applyAll();
        assertThat(fenced()).containsExactly(2);
        heartbeat(2);
        applyAll();
        assertThat(fenced()).containsExactly(2);
    }

    /** A partition of nodes 1 to 3 of which nobody is known to hold everything. */
    private void loseEverybody(Map<String, String> configs) {
        var all = new TreeMap<>(configs);
        all.put("durability", "written");
        world.create("t", List.of(1, 2, 3), all);
        world.fence(1);
        world.fence(2);
        world.restart(3, false);
        world.unfence(3);
        world.restart(2, false);
        image = world.image();
        assertThat(partitions().get(0).lastKnownElr()).containsExactly(2, 3);
    }

    private final ReplicaId replica = new ReplicaId(World.uuid("t"), 0);

    private void report(int id, int lastEpoch, long end, long highWatermark) {
        core.onReplicaReport(
                ref(id), replica, new ReplicaAnswer.Report(new ReplicaReport(lastEpoch, end, highWatermark)), now);
        applyAll();
    }

    @Test
    void shouldElectWhoHasMostOnceAllLastMembersAreBack() {
        loseEverybody(Map.of());
        lead(1);
        pass(1_000, 1, 2, 3, 4);
        assertThat(asked).isEmpty(); // node 2 is waited for
        heartbeat(2);
        applyAll();
        pass(500, 1, 2, 3, 4);
        assertThat(asked).containsExactlyInAnyOrder(ref(2), ref(3));
        report(2, 3, 100, 120);
        assertThat(partitions().get(0).hasLeader()).isFalse();
        core.onReplicaReport(ref(3), replica, new ReplicaAnswer.Unreachable(), now);
        pass(1_500, 1, 2, 3, 4);
        assertThat(asked.stream().filter(ref(3)::equals)).hasSizeGreaterThan(1);
        report(3, 3, 110, 90);
        var p = partitions().get(0);
        assertThat(p.leader()).isEqualTo(3);
        assertThat(p.lastUncleanEpoch()).isEqualTo(p.leaderEpoch());
    }

    @Test
    void shouldPreferLaterEpochToLongerLog() {
        loseEverybody(Map.of());
        lead(1);
        heartbeat(2);
        applyAll();
        pass(500, 1, 2, 3, 4);
        report(3, 3, 900, 0);
        report(2, 4, 5, 0);
        assertThat(partitions().get(0).leader()).isEqualTo(2);
    }

    @Test
    void shouldAskAgainAfterFailoverAndRestart() {
        loseEverybody(Map.of());
        lead(1);
        heartbeat(2);
        applyAll();
        pass(500, 1, 2, 3, 4);
        report(3, 3, 900, 0);
        core.onNotLeader();
        asked.clear();
        lead(3);
        assertThat(asked).containsExactlyInAnyOrder(ref(2), ref(3));
        report(3, 3, 900, 0);
        // what a node said under an earlier registration counts for nothing
        core.onReplicaReport(new BrokerRef(2, 1), replica, new ReplicaAnswer.Report(new ReplicaReport(9, 9, 9)), now);
        applyAll();
        assertThat(partitions().get(0).hasLeader()).isFalse();
    }

    @Test
    void shouldLeaveManualRecoveryToPeople() {
        loseEverybody(Map.of("unclean.recovery", "manual"));
        lead(1);
        heartbeat(2);
        applyAll();
        pass(5_000, 1, 2, 3, 4);
        assertThat(asked).isEmpty();
        var choice = new CommandBody.UncleanChoice(ref(2), partitions().get(0).partitionEpoch());
        core.execute(
                MetadataCommand.unfenced(new CommandBody.ElectLeaders(
                        CommandBody.ElectionType.UNCLEAN,
                        List.of(new CommandBody.PartitionToElect(World.uuid("t"), 0, Optional.of(choice))))),
                recorder);
        applyAll();
        assertThat(partitions().get(0).leader()).isEqualTo(2);
    }

    @Test
    void shouldGoByTheRecoveryThatWasChosenWhileThePartitionWaited() {
        loseEverybody(Map.of("unclean.recovery", "manual"));
        lead(1);
        heartbeat(2);
        applyAll();
        pass(5_000, 1, 2, 3, 4);
        assertThat(asked).isEmpty();
        core.execute(
                MetadataCommand.unfenced(new CommandBody.AlterConfigs(
                        World.uuid("t"), new TreeMap<>(Map.of("unclean.recovery", Optional.of("balanced"))))),
                recorder);
        applyAll();
        pass(500, 1, 2, 3, 4);
        assertThat(asked).containsExactlyInAnyOrder(ref(2), ref(3));
        core.execute(
                MetadataCommand.unfenced(new CommandBody.AlterConfigs(
                        World.uuid("t"), new TreeMap<>(Map.of("unclean.recovery", Optional.of("manual"))))),
                recorder);
        applyAll();
        report(2, 4, 5, 0);
        report(3, 3, 900, 0);
        pass(500, 1, 2, 3, 4);
        assertThat(partitions().get(0).hasLeader()).isFalse();
    }

    /** Node 2 was the last in sync; its disk is replaced, nodes 1 and 3 have what they had before they left. */
    private void replaceDiskOfLastMember() {
        world.create("t", List.of(2, 1, 3), Map.of("min.insync.replicas", "1"));
        world.fence(1, 3);
        world.fence(2);
        world.replaceDisk(2);
        image = world.image();
        assertThat(partitions().get(0).lastKnownElr()).containsExactly(2);
        lead(1);
        heartbeat(2);
        applyAll();
    }

    @Test
    void shouldElectReplicaWithRecordsWhenLastMemberCameBackEmpty() {
        replaceDiskOfLastMember();
        heartbeat(1);
        heartbeat(3);
        applyAll();
        pass(500, 1, 2, 3, 4);
        assertThat(asked).contains(ref(1), ref(2), ref(3));
        report(2, 0, 0, 0);
        report(3, 1, 90, 90);
        assertThat(partitions().get(0).hasLeader()).isFalse();
        report(1, 1, 100, 100);
        assertThat(partitions().get(0).leader()).isEqualTo(1);
    }

    @Test
    void shouldNotElectEmptyLogWhileAnotherCopyWasNotAsked() {
        replaceDiskOfLastMember();
        heartbeat(3);
        applyAll();
        pass(500, 1, 2, 3, 4);
        report(2, 0, 0, 0);
        report(3, 0, 0, 0);
        pass(30_000, 1, 2, 3, 4);
        assertThat(partitions().get(0).hasLeader()).isFalse();
        heartbeat(1);
        applyAll();
        pass(500, 1, 2, 3, 4);
        report(1, 1, 100, 100);
        assertThat(partitions().get(0).leader()).isEqualTo(1);
    }

    @Test
    void shouldNotWaitForEverForReplicaThatWasNotAmongTheLast() {
        loseEverybody(Map.of());
        lead(1);
        heartbeat(1);
        heartbeat(2);
        applyAll();
        pass(500, 1, 2, 3, 4);
        report(2, 3, 100, 100);
        report(3, 3, 90, 90);
        assertThat(partitions().get(0).hasLeader()).isFalse();
        pass(11_000, 1, 2, 3, 4);
        assertThat(partitions().get(0).leader()).isEqualTo(2);
    }

    @Test
    void shouldNotWaitForMemberThatIsThereAndCannotUseItsCopy() {
        loseEverybody(Map.of());
        lead(1);
        heartbeat(2);
        applyAll();
        pass(500, 1, 2, 3, 4);
        report(2, 3, 100, 120);
        core.onReplicaReport(ref(3), replica, new ReplicaAnswer.Unusable("bad checksum"), now);
        core.onReplicaReport(ref(3), replica, new ReplicaAnswer.Unusable("bad checksum"), now);
        applyAll();
        assertThat(applied.stream().filter(CommandBody.ReportDamage.class::isInstance))
                .hasSize(1);
        assertThat(image.broker(3).orElseThrow().isDamaged(replica)).isTrue();
        pass(500, 1, 2, 3, 4);
        assertThat(partitions().get(0).leader()).isEqualTo(2);
    }

    /** Of so many partitions of nodes 1 to 3 nobody is known to hold everything, and all three are there. */
    private void loseMany(int partitions) {
        world.create("t", partitions, 3, Map.of("durability", "written"));
        List.of(1, 2, 3, 4).forEach(id -> world.restart(id, false));
        List.of(1, 2, 3, 4).forEach(world::unfence);
        image = world.image();
        assertThat(partitions()).noneMatch(p -> p.hasLeader());
    }

    @Test
    void shouldAskFewAtATimeAndElectManyByOneCommand() {
        loseMany(400);
        lead(1);
        int[] answered = {0};
        for (int round = 0; round < 2_000 && !questions.isEmpty(); round++) {
            var underWay = new TreeMap<Integer, Integer>();
            questions.forEach(q -> underWay.merge(q.broker().nodeId(), 1, Integer::sum));
            assertThat(underWay.values()).allMatch(n -> n <= QuestionLine.UNDER_WAY);
            var q = questions.remove();
            answered[0]++;
            core.onReplicaReport(q.broker(), q.replica(), new ReplicaAnswer.Report(new ReplicaReport(1, 10, 10)), now);
        }
        assertThat(answered[0]).as("each is asked once").isEqualTo(400 * 3);
        assertThat(log).as("elections under way").hasSize(1);
        applyAll();
        pass(500, 1, 2, 3, 4);
        assertThat(partitions()).allMatch(p -> p.hasLeader());
        assertThat(applied.stream().filter(CommandBody.ElectLeaders.class::isInstance))
                .hasSize(2);
    }
}
