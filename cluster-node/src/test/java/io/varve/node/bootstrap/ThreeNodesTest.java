// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.StatusRuntimeException;
import io.varve.node.config.NodeConfig;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.AlterTopicConfigsRequest;
import io.varve.proto.v1.AppendRequest;
import io.varve.proto.v1.ClusterMetadata;
import io.varve.proto.v1.CreateTopicsRequest;
import io.varve.proto.v1.GetMetadataRequest;
import io.varve.proto.v1.NewRecord;
import io.varve.proto.v1.NewTopic;
import io.varve.proto.v1.NodeMetadata;
import io.varve.proto.v1.TopicConfigChange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes in one process, all voters, over real sockets and disks. */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class ThreeNodesTest {

    private static final Duration LIMIT = Duration.ofSeconds(40);

    @TempDir
    Path directory;

    private final List<TestNode> nodes = new ArrayList<>();
    private List<NodeConfig> configs;

    @BeforeEach
    void form() throws Exception {
        configs = VoterNode.configs(directory, UUID.randomUUID(), 3);
        nodes.addAll(TestNode.startAll(configs));
    }

    @AfterEach
    void close() throws Exception {
        for (TestNode node : nodes) {
            node.close();
        }
    }

    @Test
    void shouldKnowEachOtherAndLeadWhatAnyOfThemWasAskedToCreate() {
        for (TestNode node : nodes) {
            await().atMost(LIMIT)
                    .untilAsserted(() ->
                            assertThat(metadata(node).getNodesList()).hasSize(3).noneMatch(NodeMetadata::getFenced));
        }
        int i = 0;
        for (TestNode node : nodes) {
            create(node, "topic" + i);
            // Whoever was asked has it in its own image at once.
            assertThat(metadata(node).getTopicsList()).anyMatch(t -> t.getName().startsWith("topic"));
            i++;
        }
        for (TestNode node : nodes) {
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(metadata(node).getTopicsList())
                            .hasSize(3)
                            .allMatch(t -> t.getPartitionsList().stream().allMatch(p -> p.getLeader() != 0)));
        }
    }

    @Test
    void shouldGiveLeadershipToOthersWhenTheControllerStopsAndTakeItBackWhenItReturns() throws Exception {
        create(nodes.get(0), "orders");
        int controller = metadata(nodes.get(0)).getControllerId();
        TestNode leaving = nodes.remove(controller - 1);
        TestNode other = nodes.get(0);

        leaving.close();

        // Nobody had to find out: leadership was handed over while the node still served.
        assertThat(metadata(other).getTopics(0).getPartitionsList())
                .allSatisfy(p -> assertThat(p.getLeader()).isNotIn(0, controller));
        await().atMost(LIMIT).untilAsserted(() -> {
            ClusterMetadata now = metadata(other);
            assertThat(now.getControllerId()).isNotIn(0, controller);
            assertThat(now.getTopics(0).getPartitionsList())
                    .allSatisfy(p -> assertThat(p.getLeader()).isNotIn(0, controller));
        });

        nodes.add(TestNode.start(configs.get(controller - 1)));

        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(metadata(other).getNodesList()).noneMatch(NodeMetadata::getFenced));
    }

    /** P25, P26: leader and controller go by the same minimum, at once. */
    @Test
    void shouldTakeAndRefuseByAMinimumThatChangesWhileTheyRun() throws Exception {
        create(nodes.get(0), "orders");
        alter(nodes.get(1), "orders", "min.insync.replicas", "3");
        nodes.remove(2).close();
        TestNode left = nodes.get(0);
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(metadata(left).getTopics(0).getPartitionsList())
                        .allSatisfy(p -> assertThat(p.getIsrList()).doesNotContain(3)));

        for (int p = 0; p < 3; p++) {
            int partition = p;
            await().atMost(LIMIT)
                    .untilAsserted(
                            () -> assertThat(append(left, "orders", partition)).isEqualTo("NOT_ENOUGH_REPLICAS"));
        }
        alter(left, "orders", "min.insync.replicas", "2");
        for (int p = 0; p < 3; p++) {
            int partition = p;
            await().atMost(LIMIT)
                    .untilAsserted(
                            () -> assertThat(append(left, "orders", partition)).isEqualTo("ok"));
        }
    }

    private static void alter(TestNode node, String topic, String config, String value) {
        var result = node.configs()
                .alterTopicConfigs(AlterTopicConfigsRequest.newBuilder()
                        .addChanges(
                                TopicConfigChange.newBuilder().setTopic(topic).putSet(config, value))
                        .build())
                .getResults(0);
        assertThat(result.hasError()).as(result.toString()).isFalse();
    }

    private static String append(TestNode node, String topic, int partition) {
        try {
            node.records()
                    .append(AppendRequest.newBuilder()
                            .setTopic(topic)
                            .setPartition(partition)
                            .addRecords(NewRecord.newBuilder().setValueText("x"))
                            .build());
            return "ok";
        } catch (StatusRuntimeException e) {
            return ErrorReasons.fromThrowable(e)
                    .map(error -> ErrorReasons.name(error.getReason()))
                    .orElse(String.valueOf(e.getMessage()));
        }
    }

    private static void create(TestNode node, String name) {
        var results = node.topics()
                .createTopics(CreateTopicsRequest.newBuilder()
                        .addTopics(NewTopic.newBuilder()
                                .setName(name)
                                .setPartitions(3)
                                .setReplicationFactor(3))
                        .build())
                .getResultsList();
        assertThat(results).noneMatch(r -> r.hasError());
    }

    private static ClusterMetadata metadata(TestNode node) {
        return node.metadata()
                .getMetadata(GetMetadataRequest.newBuilder().setAllTopics(true).build())
                .getMetadata();
    }
}
