// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import static io.varve.metadata.machine.World.uuid;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.command.CommandBody.AlterConfigs;
import io.varve.metadata.command.CommandBody.CreatePartitions;
import io.varve.metadata.command.CommandBody.DeleteTopics;
import io.varve.metadata.command.CommandBody.Placement;
import io.varve.metadata.command.CommandBody.TopicToDelete;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.Durability;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.RequestId;
import io.varve.metadata.image.TopicImage;
import io.varve.metadata.topic.TopicConfigs;
import io.varve.proto.v1.ErrorReason;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TopicCommandsTest {

    private final World world = new World().nodes(1);

    private static Optional<ErrorReason> reason(CommandResult.TopicResult result) {
        return result.error().map(MetadataError::reason);
    }

    @Test
    void shouldCreateTopicWithLeadersAtEpochOne() {
        // when
        var result = world.create("orders", 3, 0, Map.of("retention.ms", "1000"));
        // then
        assertThat(result.error()).isEmpty();
        assertThat(result.partitions()).isEqualTo(3);
        assertThat(result.replicationFactor()).isEqualTo(1);
        var topic = world.image().topic("orders").orElseThrow();
        assertThat(topic.durability()).isEqualTo(Durability.FLUSHED);
        assertThat(topic.partitions()).allSatisfy(p -> {
            assertThat(p.leader()).isEqualTo(1);
            assertThat(p.leaderEpoch()).isEqualTo(1);
            assertThat(p.partitionEpoch()).isZero();
            assertThat(p.isr()).containsExactly(1);
            assertThat(p.effectiveMinIsr()).isEqualTo(1);
            assertThat(p.assignment().directories()).containsExactly(uuid("dir1"));
        });
        assertThat(TopicConfigs.value(topic, "retention.ms")).isEqualTo("1000");
        assertThat(TopicConfigs.number(topic, "segment.bytes")).isEqualTo(1 << 30);
        assertThat(TopicConfigs.value(topic, "min.insync.replicas")).isEqualTo("1");
    }

    @Test
    void shouldSayWhatIsWrongWithNewTopic() {
        world.create("orders", 1, 1, Map.of());
        assertThat(reason(world.create("", 1, 1, Map.of()))).contains(ErrorReason.ERROR_REASON_INVALID_TOPIC_EXCEPTION);
        assertThat(reason(world.create("__groups", 1, 1, Map.of())))
                .contains(ErrorReason.ERROR_REASON_INVALID_TOPIC_EXCEPTION);
        assertThat(reason(world.create("a", 0, 1, Map.of()))).contains(ErrorReason.ERROR_REASON_INVALID_PARTITIONS);
        assertThat(reason(world.create("a", 1_000_000, 1, Map.of())))
                .contains(ErrorReason.ERROR_REASON_INVALID_PARTITIONS);
        assertThat(reason(world.create("a", 1, -1, Map.of())))
                .contains(ErrorReason.ERROR_REASON_INVALID_REPLICATION_FACTOR);
        assertThat(reason(world.create("a", 1, 1, Map.of("min.insync.replicas", "2"))))
                .contains(ErrorReason.ERROR_REASON_INVALID_CONFIG);
        assertThat(world.create("a", 1, 3, Map.of()).error().orElseThrow())
                .hasToString("INVALID_REPLICATION_FACTOR: topic a: replication factor 3 is above the number of nodes, 1"
                        + " (use 1 or less, or add nodes)");
        assertThat(world.create("a", 1, 1, Map.of("retention.mss", "5")).error().orElseThrow())
                .hasToString("INVALID_CONFIG: topic a: unknown topic config \"retention.mss\","
                        + " the nearest is \"retention.ms\"");
        assertThat(world.image().topics().all()).extracting(TopicImage::name).containsExactly("orders");
    }

    @Test
    void shouldRefuseSecondTopicOfSameNameButRepeatSameCreation() {
        world.create("orders", 2, 1, Map.of());
        // when the same command comes again
        assertThat(world.create("orders", 2, 1, Map.of()).error()).isEmpty();
        // and another one wants the name
        var other = new io.varve.metadata.command.CommandBody.TopicToCreate(
                "orders", uuid("other"), 1, 1, new TreeMap<>(), Placement.seeded(1), false);
        assertThat(reason(world.create(other))).contains(ErrorReason.ERROR_REASON_TOPIC_ALREADY_EXISTS);
    }

    @Test
    void shouldRefuseTopicWhileNoNodeIsReady() {
        world.fence(1);
        assertThat(reason(world.create("orders", 1, 1, Map.of())))
                .contains(ErrorReason.ERROR_REASON_LEADER_NOT_AVAILABLE);
    }

    @Test
    void shouldAnswerRepeatedRequestFromMemory() {
        // given
        var id = new RequestId(uuid("client"), 1);
        world.create("orders", 1, 1, Map.of());
        var grow = MetadataCommand.unfenced(new CreatePartitions(uuid("orders"), 4, Placement.seeded(1)))
                .once(id);
        // when
        var first = world.applied(grow);
        var second = world.applied(grow);
        // then
        assertThat(first.result().rejection()).isEmpty();
        assertThat(second.result()).isEqualTo(first.result());
        assertThat(second.delta().records()).isEmpty();
        assertThat(world.image().topic("orders").orElseThrow().partitions()).hasSize(4);
    }

    @Test
    void shouldForgetOldestAnswersBeyondLimit() {
        for (int i = 1; i <= 600; i++) {
            var delete = new DeleteTopics(List.of(new TopicToDelete(uuid("t" + i), "t" + i)));
            world.create("t" + i, 1, 1, Map.of());
            world.applied(MetadataCommand.unfenced(delete).once(new RequestId(uuid("client"), i)));
        }
        assertThat(world.image().requests().byIndex()).hasSize(512);
        assertThat(world.image().requests().answers()).hasSize(512);
        assertThat(world.image().requests().answer(new RequestId(uuid("client"), 600)))
                .isPresent();
    }

    @Test
    void shouldDeleteById() {
        world.create("orders", 1, 1, Map.of());
        var result = world.apply(new DeleteTopics(
                List.of(new TopicToDelete(uuid("orders"), "orders"), new TopicToDelete(uuid("x"), "x"))));
        assertThat(((CommandResult.Topics) result).topics())
                .extracting(TopicCommandsTest::reason)
                .containsExactly(Optional.empty(), Optional.of(ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_ID));
        assertThat(world.image().topic("orders")).isEmpty();
        assertThat(world.create("orders", 1, 1, Map.of()).error()).isEmpty();
    }

    @Test
    void shouldSpreadReplicasOverNodes() {
        var cluster = new World().nodes(1, 2, 3);
        cluster.create("orders", 6, 3, Map.of());
        var partitions = cluster.image().topic("orders").orElseThrow().partitions();
        assertThat(partitions).allSatisfy(p -> assertThat(p.replicas()).containsExactlyInAnyOrder(1, 2, 3));
        assertThat(partitions).extracting(PartitionImage::leader).contains(1, 2, 3);
        assertThat(partitions.stream().filter(p -> p.leader() == 1)).hasSize(2);
        assertThat(partitions.get(0).effectiveMinIsr()).isEqualTo(2);
    }

    @Test
    void shouldChangeConfigsAndKeepDurability() {
        world.create("orders", 1, 1, Map.of("durability", "written"));
        assertThat(world.apply(
                        new AlterConfigs(uuid("orders"), new TreeMap<>(Map.of("retention.ms", Optional.of("5000"))))))
                .isInstanceOf(CommandResult.Topics.class);
        assertThat(world.image().topic("orders").orElseThrow().configs())
                .containsEntry("retention.ms", "5000")
                .containsEntry("durability", "written");
        assertThat(world.apply(new AlterConfigs(
                                uuid("orders"), new TreeMap<>(Map.of("durability", Optional.of("flushed")))))
                        .rejection()
                        .orElseThrow()
                        .message())
                .isEqualTo("topic orders: durability is chosen when a topic is created and stays written");
        assertThat(world.apply(new AlterConfigs(uuid("orders"), new TreeMap<>(Map.of("durability", Optional.empty()))))
                        .rejection())
                .isPresent();
    }

    @Test
    void shouldNameEveryProblemOfAChangeAndChangeNothing() {
        world.create("orders", 1, 1, Map.of());
        SortedMap<String, Optional<String>> changes = new TreeMap<>(Map.of(
                "retention.msec", Optional.empty(),
                "segment.bytes", Optional.of("5"),
                "min.insync.replicas", Optional.of("2"),
                "retention.ms", Optional.of("1000")));
        assertThat(world.apply(new AlterConfigs(uuid("orders"), changes))
                        .rejection()
                        .orElseThrow()
                        .message())
                .isEqualTo("topic orders: unknown topic config \"retention.msec\", the nearest is \"retention.ms\";"
                        + " segment.bytes = 5 is out of range: 1024 to 2147483647;"
                        + " min.insync.replicas = 2 is above the replication factor, 1");
        changes.put("min.insync.replicas", Optional.of("two"));
        assertThat(world.apply(new AlterConfigs(uuid("orders"), changes))
                        .rejection()
                        .orElseThrow()
                        .message())
                .contains("retention.msec", "segment.bytes = 5", "min.insync.replicas = \"two\" is not a whole number");
        assertThat(world.image().topic("orders").orElseThrow().configs()).isEmpty();
    }

    @Test
    void shouldGoBackToTheDefaultByUnsetting() {
        world.create("orders", 1, 1, Map.of("retention.ms", "1000"));
        var unset = new AlterConfigs(uuid("orders"), new TreeMap<>(Map.of("retention.ms", Optional.empty())));
        assertThat(world.apply(unset)).isInstanceOf(CommandResult.Topics.class);
        var topic = world.image().topic("orders").orElseThrow();
        assertThat(topic.configs()).isEmpty();
        assertThat(TopicConfigs.value(topic, "retention.ms")).isEqualTo("604800000");
        assertThat(world.apply(unset)).as("once more").isInstanceOf(CommandResult.Topics.class);
    }

    @Test
    void shouldAllocateDisjointProducerIds() {
        var ask = new io.varve.metadata.command.CommandBody.AllocateProducerIds(world.ref(1));
        assertThat(world.apply(ask)).isEqualTo(new CommandResult.ProducerIds(0, 1000));
        assertThat(world.apply(ask)).isEqualTo(new CommandResult.ProducerIds(1000, 1000));
    }
}
