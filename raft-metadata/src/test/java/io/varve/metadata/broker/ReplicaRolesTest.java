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
import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.MetadataRecord.BrokerRecord;
import io.varve.metadata.image.MetadataRecord.PartitionRecord;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.machine.World;
import io.varve.metadata.stream.MetadataUpdate;
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

    private MetadataUpdate update(MetadataImage before) {
        // as if every fact of the newest image had been said by one delta
        var image = world.image();
        return new MetadataUpdate(
                List.of(new MetadataDelta(image.index(), image.term(), before.index(), image.records())), image, false);
    }

    @Test
    void shouldTellEveryReplicaWhenOnlyNodesChanged() {
        world.create("t", 1, 2, Map.of());
        assertThat(roles.onUpdate(MetadataUpdate.reset(world.image()), 1).changedMembers())
                .containsExactly(1, 2);
        assertThat(roles.onUpdate(MetadataUpdate.reset(world.image()), 1).membersChanged())
                .isFalse();
        var broker = new BrokerRecord(world.image().broker(2).orElseThrow());
        var index = world.image().index();
        var only = new MetadataDelta(index + 1, 1, index, List.of(broker));
        var told = roles.onUpdate(MetadataUpdate.of(only, world.image().plus(only)), 1);
        assertThat(told.changes()).isEmpty();
        assertThat(told.changedMembers()).containsExactly(2);
    }

    @Test
    void shouldPutNothingAsideBeforeAnImageHasItsOwnRegistration() {
        var replica = new ReplicaId(T, 0);
        roles.found(replica);
        var old = world.image();
        world.create("t", 1, 2, Map.of());
        long registered = world.image().index();
        // a voter that is behind sends an image from before the topic was created
        assertThat(roles.onUpdate(MetadataUpdate.reset(old), 0).changes()).isEmpty();
        assertThat(roles.onUpdate(MetadataUpdate.reset(old), registered).changes())
                .isEmpty();
        var changes = roles.onUpdate(update(old), registered).changes();
        assertThat(changes).hasSize(1).allMatch(c -> c.replica().equals(replica) && !(c instanceof SetAside));
        // and what the image of then does not know is put aside although it came by deltas
        var late = new ReplicaRoles(1);
        late.found(new ReplicaId(uuid("gone"), 0));
        assertThat(late.onUpdate(update(old), registered).changes())
                .contains(new SetAside(new ReplicaId(uuid("gone"), 0)));
    }

    @Test
    void shouldDeleteAReplicaThatLeftAlthoughItCameBack() {
        world.create("t", 1, 2, Map.of());
        roles.onUpdate(MetadataUpdate.reset(world.image()), 1);
        var here = world.image().partition(T, 0).orElseThrow();
        var away = new PartitionImage(
                0,
                new PartitionImage.Assignment(
                        List.of(2), here.assignment().directories().subList(0, 1)),
                here.inSync(),
                here.leadership(),
                here.partitionEpoch() + 1,
                here.minIsr(),
                here.durability(),
                here.lastUncleanEpoch());
        var back = here.nextEpoch().nextEpoch();
        var index = world.image().index();
        var left = new MetadataDelta(index + 1, 1, index, List.of(new PartitionRecord(T, away)));
        var returned = new MetadataDelta(index + 2, 1, index + 1, List.of(new PartitionRecord(T, back)));
        var image = world.image().plus(left).plus(returned);
        var changes = roles.onUpdate(new MetadataUpdate(List.of(left, returned), image, false), 1)
                .changes();
        assertThat(changes).hasSize(2);
        assertThat(changes.get(0)).isEqualTo(new Delete(new ReplicaId(T, 0)));
        assertThat(changes.get(1)).isNotInstanceOf(Delete.class);
    }

    @Test
    void shouldKeepFoundReplicaWhenRecordFromBeforeItCameIsRepeated() {
        world.create("t", 1, 2, Map.of());
        var replica = new ReplicaId(T, 0);
        roles.found(replica);
        var here = world.image().partition(T, 0).orElseThrow();
        var elsewhere = new PartitionImage(
                0,
                new PartitionImage.Assignment(
                        List.of(2), here.assignment().directories().subList(0, 1)),
                here.inSync(),
                here.leadership(),
                0,
                here.minIsr(),
                here.durability(),
                here.lastUncleanEpoch());
        var index = world.image().index();
        var early = new MetadataDelta(index, 1, index - 1, List.of(new PartitionRecord(T, elsewhere)));
        var late = new MetadataDelta(index + 1, 1, index, List.of(new PartitionRecord(T, here.nextEpoch())));
        var image = world.image().plus(late);
        assertThat(roles.onUpdate(new MetadataUpdate(List.of(early, late), image, false), index)
                        .changes())
                .hasSize(1)
                .noneMatch(c -> c instanceof Delete || c instanceof SetAside);
    }

    @Test
    void shouldLookOnlyAtPartitionsThatChanged() {
        world.create("t", 3, 2, Map.of());
        roles.onUpdate(MetadataUpdate.reset(world.image()), 1);
        var image = world.image();
        // the image has more news than the delta names: they come with the deltas that name them
        var second = image.partition(T, 1).orElseThrow().nextEpoch();
        var third = image.partition(T, 2).orElseThrow().nextEpoch();
        var delta = new MetadataDelta(image.index() + 1, 1, image.index(), List.of(new PartitionRecord(T, second)));
        var now = image.plus(new PartitionRecord(T, third)).plus(delta);
        assertThat(roles.onUpdate(MetadataUpdate.of(delta, now), 1).changes())
                .extracting(RoleChange::replica)
                .containsExactly(new ReplicaId(T, 1));
    }
}
