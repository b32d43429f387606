// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import static io.varve.metadata.machine.World.uuid;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.broker.RoleChange.Delete;
import io.varve.metadata.broker.RoleChange.Hold;
import io.varve.metadata.broker.RoleChange.Lead;
import io.varve.metadata.broker.RoleChange.SetAside;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.DeleteTopics;
import io.varve.metadata.command.CommandBody.FenceBrokers;
import io.varve.metadata.command.CommandBody.TopicToDelete;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.machine.World;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ReplicaRolesTest {

    private static final UUID T = uuid("t");
    private final World world = new World().nodes(1, 2);
    private final ReplicaRoles roles = new ReplicaRoles(1);

    private List<RoleChange> deltas() {
        return roles.onDeltas(world.image(), Set.of(T), Set.of());
    }

    @Test
    void shouldLeadHoldAndDelete() {
        // given two partitions, one led here
        world.create("t", 2, 2, Map.of());
        var first = deltas();
        assertThat(first).hasSize(2);
        assertThat(first.stream().filter(Lead.class::isInstance)).hasSize(1);
        assertThat(deltas()).as("not newer").isEmpty();
        // when the other node goes, everything is led here
        world.apply(new FenceBrokers(
                List.of(new BrokerRef(2, world.image().broker(2).orElseThrow().epoch())), ""));
        assertThat(deltas()).hasSize(2).allMatch(Lead.class::isInstance);
        // and when the topic goes, its files go
        world.apply(new DeleteTopics(List.of(new TopicToDelete(T, "t"))));
        assertThat(roles.onDeltas(world.image(), Set.of(), Set.of(T)))
                .containsExactly(new Delete(new ReplicaId(T, 0)), new Delete(new ReplicaId(T, 1)));
    }

    @Test
    void shouldSkipImagesInBetween() {
        world.create("t", 1, 1, Map.of());
        int leader = world.image().partition(T, 0).orElseThrow().leader();
        var here = new ReplicaRoles(leader);
        world.nodes(leader);
        // lost and regained in between: one change, with the newest epoch
        var changes = here.onDeltas(world.image(), Set.of(T), Set.of());
        assertThat(changes).hasSize(1);
        assertThat(((Lead) changes.get(0)).state().leaderEpoch()).isEqualTo(3);
    }

    @Test
    void shouldSetAsideWhatWholeImageDoesNotKnow() {
        roles.found(new ReplicaId(T, 0));
        assertThat(roles.onImage(MetadataImage.EMPTY)).containsExactly(new SetAside(new ReplicaId(T, 0)));
        world.create("t", 1, 2, Map.of());
        roles.found(new ReplicaId(T, 0));
        assertThat(roles.onImage(world.image())).hasSize(1).allMatch(c -> c instanceof Lead || c instanceof Hold);
        assertThat(roles.onImage(world.image())).isEmpty();
    }
}
