// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.varve.node.config.NodeConfig;
import io.varve.proto.v1.ClusterMetadata;
import io.varve.proto.v1.CreateTopicsRequest;
import io.varve.proto.v1.GetMetadataRequest;
import io.varve.proto.v1.NewTopic;
import io.varve.proto.v1.NodeMetadata;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
        List<CompletableFuture<TestNode>> starting = new ArrayList<>();
        for (NodeConfig config : configs) {
            VoterNode.format(config, Formation.derived());
            starting.add(CompletableFuture.supplyAsync(() -> start(config)));
        }
        for (CompletableFuture<TestNode> one : starting) {
            nodes.add(one.get(60, TimeUnit.SECONDS));
        }
    }

    @AfterEach
    void close() throws Exception {
        for (TestNode node : nodes) {
            node.close();
        }
    }

    private static TestNode start(NodeConfig config) {
        try {
            return TestNode.start(config);
        } catch (Exception e) {
            throw new IllegalStateException(e);
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

        nodes.add(start(configs.get(controller - 1)));

        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(metadata(other).getNodesList()).noneMatch(NodeMetadata::getFenced));
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
