// SPDX-License-Identifier: Apache-2.0
package io.varve.it.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.varve.client.NewTopic;
import io.varve.client.VarveClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.testcontainers.DockerClientFactory;

/**
 * What the compose tour of the documentation promises. In order: the last test leaves the cluster with a vote less, for
 * ever.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@EnabledIf(value = "io.varve.it.container.ContainerEngine#isThere", disabledReason = ContainerEngine.MISSING)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ComposeIT {
    private static final int PARTITIONS = 6;

    @RegisterExtension
    static final ComposeCluster CLUSTER = new ComposeCluster();

    @Test
    @Order(1)
    void shouldProduceAndConsumeFromTheHost() {
        try (VarveClient client = CLUSTER.client()) {
            client.admin().createTopic(NewTopic.of("host", PARTITIONS, 3)).join();

            List<String> acknowledged = Records.produce(client, "host", 600);

            assertThat(Records.read(client, "host")).containsExactlyInAnyOrderElementsOf(acknowledged);
        }
    }

    @Test
    @Order(2)
    void shouldProduceAndConsumeInsideOfContainers() throws IOException {
        ComposeProject compose = CLUSTER.project();
        compose.varve("varve-1", "topic", "create", "inside", "-p", "3");
        compose.varve("varve-1", "produce", "inside", "-k", "k", "from one");
        compose.varve("varve-2", "produce", "inside", "-k", "k", "from two");

        assertThat(compose.varve("varve-3", "consume", "inside").lines()).containsExactly("from one", "from two");
    }

    @Test
    @Order(3)
    void shouldKeepRecordsWhenAllContainersAreReplaced() throws IOException {
        ComposeProject compose = CLUSTER.project();
        List<String> acknowledged;
        try (VarveClient client = CLUSTER.client()) {
            client.admin().createTopic(NewTopic.of("kept", PARTITIONS, 3)).join();
            acknowledged = new ArrayList<>(Records.produce(client, "kept", 600));
        }

        compose.run("down");
        compose.run("up", "-d");
        compose.awaitHealthy(ComposeCluster.NODES.toArray(String[]::new));

        try (VarveClient client = CLUSTER.client()) {
            acknowledged.addAll(Records.produce(client, "kept", 60));
            assertThat(Records.read(client, "kept")).containsExactlyInAnyOrderElementsOf(acknowledged);
        }
    }

    @Test
    @Order(4)
    void shouldStopCleanlyWithinTheGrace() throws IOException {
        ComposeProject compose = CLUSTER.project();

        compose.run("stop", "varve-3");

        assertThat(compose.exitCode("varve-3"))
                .as(() -> compose.logs("varve-3"))
                .isZero();
        compose.run("start", "varve-3");
        compose.awaitHealthy("varve-3");
    }

    @Test
    @Order(5)
    void shouldTakeInAFourthNode() throws IOException {
        ComposeProject compose = CLUSTER.project();

        compose.run("up", "-d", "varve-4");
        compose.awaitHealthy("varve-4");

        try (VarveClient client = CLUSTER.client()) {
            client.admin()
                    .createTopic(NewTopic.assigned("fourth", List.of(List.of(4, 1, 2), List.of(2, 4, 3))))
                    .join();
            List<String> acknowledged = Records.produce(client, "fourth", 200);
            assertThat(Records.read(client, "fourth")).containsExactlyInAnyOrderElementsOf(acknowledged);
        }
        assertThat(compose.varve("varve-4", "consume", "fourth").lines()).hasSize(200);
    }

    @Test
    @Order(6)
    void shouldNotBringBackAnAmnesiacVoter() throws IOException {
        ComposeProject compose = CLUSTER.project();
        try (VarveClient client = CLUSTER.client()) {
            client.admin().createTopic(NewTopic.of("amnesia", PARTITIONS, 3)).join();
            List<String> acknowledged = new ArrayList<>(Records.produce(client, "amnesia", 300));

            loseVolume(compose, "varve-2");
            compose.run("up", "-d", "varve-2");

            await("refusal of varve-2")
                    .atMost(Duration.ofMinutes(1))
                    .untilAsserted(() -> assertThat(compose.logs("varve-2")).contains("--initial-voters none"));
            acknowledged.addAll(Records.produce(client, "amnesia", 60));

            // The way out that it names.
            loseVolume(compose, "varve-2");
            ComposeProject withoutVote = compose.with("VARVE_INITIAL_VOTERS", "none");
            withoutVote.run("up", "-d", "--no-recreate", "varve-2");
            withoutVote.awaitHealthy("varve-2");
            acknowledged.addAll(Records.produce(client, "amnesia", 60));

            // From then on it comes up like the others.
            compose.run("up", "-d");
            compose.awaitHealthy(ComposeCluster.NODES.toArray(String[]::new));
            acknowledged.addAll(Records.produce(client, "amnesia", 60));

            assertThat(Records.read(client, "amnesia")).containsExactlyInAnyOrderElementsOf(acknowledged);
        }
    }

    private static void loseVolume(ComposeProject compose, String service) throws IOException {
        compose.run("rm", "--stop", "--force", service);
        DockerClientFactory.instance()
                .client()
                .removeVolumeCmd(compose.name() + "_" + service)
                .exec();
    }
}
