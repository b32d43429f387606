// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import static io.varve.metadata.machine.World.uuid;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.AlterPartition;
import io.varve.metadata.command.CommandBody.PartitionToAlter;
import io.varve.metadata.image.PartitionImage;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each rule that a simulation switches off does change something, and nothing throws. */
class MachineRulesTest {

    private static World without(MachineRule rule) {
        return new World(MachineRules.without(rule)).nodes(1, 2, 3);
    }

    private static PartitionImage alter(World world, int leader, int partitionEpoch, BrokerRef... isr) {
        var p = world.partition("t");
        world.apply(new AlterPartition(
                world.ref(leader),
                List.of(new PartitionToAlter(uuid("t"), 0, p.leaderEpoch(), partitionEpoch, Arrays.asList(isr)))));
        return world.partition("t");
    }

    @Test
    void shouldNotRaisePartitionEpochOnRefusal() {
        var world = without(MachineRule.REJECT_NO_BUMP);
        world.create("t", List.of(1, 2, 3), Map.of());
        assertThat(alter(world, 1, 0, world.ref(2)).partitionEpoch()).isZero();
    }

    @Test
    void shouldIgnoreBrokerEpochs() {
        var world = without(MachineRule.NO_BROKER_EPOCH_AP);
        world.create("t", List.of(1, 2, 3), Map.of());
        var old = world.ref(3);
        world.restart(3, true);
        world.unfence(3);
        int epoch = world.partition("t").partitionEpoch();
        assertThat(alter(world, 1, epoch, world.ref(1), world.ref(2), old).isr())
                .containsExactly(1, 2, 3);
    }

    @Test
    void shouldIgnorePartitionEpoch() {
        var world = without(MachineRule.NO_PE_CAS);
        world.create("t", List.of(1, 2, 3), Map.of());
        assertThat(alter(world, 1, 0, world.ref(1)).isr()).containsExactly(1);
        assertThat(alter(world, 1, 0, world.ref(1), world.ref(2)).isr()).containsExactly(1, 2);
    }

    @Test
    void shouldKeepLastStandingMemberWithoutElr() {
        var world = without(MachineRule.OLD_KAFKA_NO_ELR_LAST_STANDING);
        world.create("t", List.of(1, 2, 3), Map.of());
        world.fence(1);
        world.fence(2);
        world.fence(3);
        assertThat(world.partition("t").isr()).containsExactly(3);
        assertThat(world.partition("t").elr()).isEmpty();
        assertThat(world.partition("t").hasLeader()).isFalse();
        world.restart(3, false);
        world.unfence(3);
        assertThat(world.partition("t").leader()).isEqualTo(3);
    }

    @Test
    void shouldLetRestartedNodeLeadOn() {
        var world = without(MachineRule.UNCLEAN_KEEPS_ISR);
        world.create("t", List.of(1, 2, 3), Map.of());
        var before = world.partition("t");
        world.restart(1, false);
        assertThat(world.partition("t")).isEqualTo(before);
        world.unfence(1);
        assertThat(world.partition("t")).isEqualTo(before);
    }

    @Test
    void shouldKeepUncleanReplicaInElr() {
        var world = without(MachineRule.UNCLEAN_KEEPS_ELR);
        world.create("t", List.of(1), Map.of("durability", "written"));
        world.restart(1, false);
        assertThat(world.partition("t").elr()).containsExactly(1);
        world.unfence(1);
        assertThat(world.partition("t").leader()).isEqualTo(1);
    }

    @Test
    void shouldKeepElrAlthoughIsrIsLargeEnough() {
        var world = without(MachineRule.ELR_NOT_CLEARED);
        world.create("t", List.of(1, 2, 3), Map.of());
        world.fence(1, 2);
        world.unfence(1);
        var p = world.partition("t");
        assertThat(alter(world, 3, p.partitionEpoch(), world.ref(1), world.ref(3))
                        .elr())
                .containsExactly(2);
    }
}
