// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.client.errors.InvalidTopicException;
import io.varve.client.errors.NetworkException;
import io.varve.client.errors.TopicExistsException;
import io.varve.client.errors.UnknownTopicOrPartitionException;
import io.varve.client.fake.FakeNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AdminTest {
    private FakeNode node;
    private VarveClient client;

    @BeforeEach
    void start() {
        node = FakeNode.start();
        client =
                VarveClient.builder().bootstrap(node.address()).clientId("test").build();
    }

    @AfterEach
    void stop() {
        client.close();
        node.close();
    }

    @Test
    void shouldCreateListDescribeAndDeleteTopics() {
        Admin admin = client.admin();
        CreateTopicResult created = admin.createTopic(NewTopic.of("a", 3)).join();
        assertThat(created.topicId()).hasSize(22);
        assertThat(created.partitions()).isEqualTo(3);
        assertThat(admin.listTopics().join()).extracting(TopicListing::name).containsExactly("a");
        assertThat(admin.describeTopic("a").join().partitions()).hasSize(3);
        admin.deleteTopic("a").join();
        assertThat(admin.listTopics().join()).isEmpty();
    }

    @Test
    void shouldReportEachItemOfABatch() {
        node.createTopic("old", 1);
        List<CreateTopicResult> results = client.admin()
                .createTopics(List.of(NewTopic.of("old", 1), NewTopic.of("new", 1)))
                .join();
        assertThat(results.get(0).error()).containsInstanceOf(TopicExistsException.class);
        assertThat(results.get(1).error()).isEmpty();
        assertThatThrownBy(
                        () -> client.admin().createTopic(NewTopic.of("old", 1)).join())
                .hasCauseInstanceOf(TopicExistsException.class);
        assertThatThrownBy(() -> client.admin().describeTopic("nope").join())
                .hasCauseInstanceOf(UnknownTopicOrPartitionException.class)
                .hasMessageContaining("nope");
        assertThat(client.admin().validateTopics(List.of(NewTopic.of("x", 1))).join())
                .allMatch(r -> r.error().isEmpty());
        assertThat(node.topic("x")).isNull();
    }

    @Test
    void shouldMapAWholeCallsFailureFromItsTrailer() {
        assertThatThrownBy(() -> client.admin().deleteTopic("forbidden").join())
                .hasCauseInstanceOf(InvalidTopicException.class)
                .hasMessageContaining("not yours");
    }

    @Test
    void shouldDescribeTheClusterAndTheNode() {
        ClusterDescription cluster = client.admin().describeCluster().join();
        assertThat(cluster.nodes()).containsExactly(new Node(1, "localhost", node.port(), "", false));
        assertThat(client.admin().serverInfo().join().limits().maxBatchBytes()).isEqualTo(FakeNode.MAX_BATCH_BYTES);
    }

    @Test
    void shouldListOffsets() {
        node.createTopic("a", 2);
        TopicPartition a0 = TopicPartition.of("a", 0);
        TopicPartition a1 = TopicPartition.of("a", 1);
        try (Producer<String, String> p =
                client.producer(Serde.string(), Serde.string()).build()) {
            p.sendSync(ProducerRecord.<String, String>of("a", "v").partition(1));
        }
        Map<TopicPartition, ListedOffset> found = client.admin()
                .listOffsets(Map.of(a0, Start.LATEST, a1, Start.LATEST))
                .join();
        assertThat(found.get(a0)).extracting(ListedOffset::offset).isEqualTo(0L);
        assertThat(found.get(a1)).extracting(ListedOffset::offset).isEqualTo(1L);
    }

    @Test
    void shouldCompleteOnAThreadThatDoesNoIo() {
        String thread = client.admin()
                .listTopics()
                .thenApply(x -> Thread.currentThread().getName())
                .join();
        assertThat(thread).doesNotContain("loop");
    }

    @Test
    void shouldNameTheAddressThatCannotBeReachedWithinTheTimeout() {
        node.close();
        try (VarveClient c = VarveClient.builder()
                .bootstrap(node.address())
                .requestTimeout(Duration.ofMillis(400))
                .build()) {
            long start = System.nanoTime();
            assertThatThrownBy(() -> c.admin().listTopics().join())
                    .hasCauseInstanceOf(NetworkException.class)
                    .hasMessageContaining(node.address())
                    .hasMessageContaining("refused");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        }
        try (VarveClient c = VarveClient.builder()
                .bootstrap("no-such-host.invalid:7171")
                .requestTimeout(Duration.ofMillis(400))
                .build()) {
            assertThatThrownBy(() -> c.admin().listTopics().join())
                    .hasCauseInstanceOf(NetworkException.class)
                    .hasMessageContaining("no-such-host.invalid:7171");
        }
    }

    @Test
    void shouldRefuseAnAddressThatIsNone() {
        for (String bad : List.of("localhost", "localhost:", "a:0", "a:70000", "http://a:1", ":1", "a b:1", "")) {
            assertThatThrownBy(() -> VarveClient.builder().bootstrap(bad).build())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("host:port");
        }
    }
}
