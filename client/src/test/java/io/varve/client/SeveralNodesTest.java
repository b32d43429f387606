// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.varve.client.errors.LogTruncationException;
import io.varve.client.errors.NetworkException;
import io.varve.client.errors.UnknownTopicIdException;
import io.varve.client.fake.FakeCluster;
import io.varve.client.fake.FakeNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SeveralNodesTest {
    private static final TopicPartition T0 = TopicPartition.of("t", 0);
    private static final Duration LONG = Duration.ofSeconds(20);
    private FakeCluster cluster;
    private VarveClient client;

    @BeforeEach
    void start() {
        cluster = FakeCluster.start(3);
        client = client(cluster.addresses());
    }

    @AfterEach
    void stop() {
        client.close();
        cluster.close();
    }

    private static VarveClient client(String bootstrap) {
        return VarveClient.builder()
                .bootstrap(bootstrap)
                .clientId("test")
                .requestTimeout(Duration.ofSeconds(20))
                .build();
    }

    private Producer<String, String> producer() {
        return client.producer(Serde.string(), Serde.string()).build();
    }

    private ConsumerBuilder<String, String> consumer() {
        return client.consumer(Serde.string(), Serde.string()).startFrom(Start.EARLIEST);
    }

    private List<String> stored(int partition) {
        synchronized (cluster) {
            return Objects.requireNonNull(cluster.topic("t")).log(partition).values();
        }
    }

    private static ProducerRecord<String, String> record(int partition, String value) {
        return ProducerRecord.<String, String>of("t", value).partition(partition);
    }

    private static List<String> read(Consumer<String, String> consumer, int count) {
        List<String> values = new ArrayList<>();
        while (values.size() < count) {
            ConsumerRecords<String, String> records = consumer.poll(LONG);
            assertThat(records.isEmpty()).as("after %s records", values.size()).isFalse();
            records.forEach(r -> values.add(r.value()));
        }
        return values;
    }

    private static List<String> values(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "v" + i).toList();
    }

    @Test
    void shouldChangeThingsThoughTheFirstNodeStandsStill() {
        cluster.node(1).standStill();

        client.admin()
                .createTopic(NewTopic.of("made", 1))
                .orTimeout(LONG.toSeconds() / 2, TimeUnit.SECONDS)
                .join();

        assertThat(cluster.topic("made")).isNotNull();
    }

    @Test
    void shouldFailWhatWaitsForItsNextAttemptWhenTheClientIsClosed() {
        VarveClient alone = client("127.0.0.1:1");
        CompletableFuture<?> asked = alone.admin().describeCluster();

        alone.close();

        assertThat(asked).failsWithin(LONG.dividedBy(2)).withThrowableThat().withMessageContaining("closed");
    }

    @Test
    void shouldSendEachPartitionToItsLeader() {
        cluster.createTopic("t", 3);
        try (Producer<String, String> p = producer()) {
            for (int i = 0; i < 3; i++) {
                p.sendSync(record(i, "v" + i));
                assertThat(stored(i)).containsExactly("v" + i);
            }
        }
    }

    @Test
    void shouldGoOnAtTheNextLeaderInOrderWithoutLossOrDuplicate() {
        cluster.createTopic("t", 1);
        List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();
        try (Producer<String, String> p =
                client.producer(Serde.string(), Serde.string()).batchSize(200).build()) {
            for (int i = 0; i < 3_000; i++) {
                sent.add(p.send(record(0, "v" + i)));
                if (i % 300 == 299) {
                    sent.get(i - 50).join();
                    cluster.elect("t", 0, 1 + i / 300 % 3);
                }
            }
            p.flush();
        }
        assertThat(sent).allMatch(f -> f.join().hasOffset());
        assertThat(stored(0)).isEqualTo(values(0, 3_000));
    }

    @Test
    void shouldSendToTheNextLeaderOfAKilledOneAndMeanwhileToTheOthers() {
        cluster.createTopic("t", 3);
        try (Producer<String, String> p = producer()) {
            for (int i = 0; i < 3; i++) {
                p.sendSync(record(i, "a"));
            }
            cluster.node(1).close();
            CompletableFuture<RecordMetadata> waits = p.send(record(0, "b"));
            for (int n = 0; n < 20; n++) {
                p.sendSync(record(1, "b"));
                p.sendSync(record(2, "b"));
            }
            assertThat(waits).isNotDone();
            cluster.elect("t", 0, 0);
            cluster.elect("t", 0, 2);
            assertThat(waits.join().hasOffset()).isTrue();
        }
        assertThat(stored(0)).containsExactly("a", "b");
    }

    @Test
    void shouldLeaveALeaderThatStandsStillAsSoonAsThereIsAnother() {
        cluster.createTopic("t", 3);
        try (Producer<String, String> p = producer()) {
            for (int i = 0; i < 3; i++) {
                p.sendSync(record(i, "a"));
            }
            cluster.node(1).standStill();
            CompletableFuture<RecordMetadata> waits = p.send(record(0, "b"));
            p.sendSync(record(1, "b"));
            p.sendSync(record(2, "b"));
            cluster.elect("t", 0, 3);
            // Far below the request timeout, after which the silent stream would be broken.
            assertThat(waits.orTimeout(5, java.util.concurrent.TimeUnit.SECONDS)
                            .join()
                            .hasOffset())
                    .isTrue();
        }
        assertThat(stored(0)).containsExactly("a", "b");
    }

    @Test
    void shouldFollowAnotherNodeWhenTheOneFollowedStandsStill() {
        cluster.createTopic("t", 3);
        try (Producer<String, String> p = producer()) {
            p.sendSync(record(0, "a"));
            await().atMost(LONG).until(() -> watched() != 0);
            int first = watched();
            cluster.node(first).standStill();
            await().atMost(LONG)
                    .until(() -> IntStream.rangeClosed(1, 3)
                            .anyMatch(id -> id != first && cluster.node(id).watchesSeen > 0));
        }
    }

    @Test
    void shouldFollowAnotherNodeWhenTheOneFollowedLagsBehind() {
        cluster.createTopic("t", 3);
        try (Producer<String, String> p = producer()) {
            p.sendSync(record(0, "a"));
            await().atMost(LONG).until(() -> watched() != 0);
            int first = watched();
            cluster.node(first).lag();
            cluster.elect("t", 0, first == 1 ? 2 : 1);
            cluster.elect("t", 0, first == 3 ? 2 : 3);
            p.sendSync(record(0, "b"));
            await().atMost(LONG)
                    .until(() -> IntStream.rangeClosed(1, 3)
                            .anyMatch(id -> id != first && cluster.node(id).watchesSeen > 0));
        }
        assertThat(stored(0)).containsExactly("a", "b");
    }

    private int watched() {
        return IntStream.rangeClosed(1, 3)
                .filter(id -> cluster.node(id).watchesSeen > 0)
                .findFirst()
                .orElse(0);
    }

    @Test
    void shouldNeverGoBackToAnOlderLeader() {
        cluster.createTopic("t", 1);
        try (Producer<String, String> p = producer()) {
            p.sendSync(record(0, "a"));
            for (int id = 1; id <= 3; id++) {
                if (id != 2) {
                    cluster.node(id).lag();
                }
            }
            cluster.elect("t", 0, 2);
            // Node 1 refuses and names node 2; what lagging nodes say of the old leader changes nothing.
            p.sendSync(record(0, "b"));
            int seen = cluster.node(1).producesSeen;
            for (int i = 0; i < 20; i++) {
                p.partitionsFor("t");
                p.sendSync(record(0, "c"));
            }
            assertThat(cluster.node(1).producesSeen).isEqualTo(seen);
            assertThat(p.partitionsFor("t").get(0).leader()).isEqualTo(2);
        }
    }

    @Test
    void shouldReadOnAtTheNextLeaderWithoutLossOrDuplicate() {
        cluster.createTopic("t", 1);
        try (Producer<String, String> p = producer();
                Consumer<String, String> c = consumer().prefetch(300).build()) {
            c.assign(List.of(T0));
            List<String> seen = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                p.sendSync(record(0, "v" + i));
                if (i % 20 == 19) {
                    seen.addAll(read(c, 10));
                    cluster.elect("t", 0, 1 + i / 20 % 3);
                }
            }
            seen.addAll(read(c, 200 - seen.size()));
            assertThat(seen).isEqualTo(values(0, 200));
        }
    }

    @Test
    void shouldReadOnWhenTheLeaderIsKilledOrStandsStill() {
        cluster.createTopic("t", 1);
        try (Producer<String, String> p = producer();
                Consumer<String, String> c = consumer().build()) {
            c.assign(List.of(T0));
            p.sendSync(record(0, "v0"));
            assertThat(read(c, 1)).containsExactly("v0");
            cluster.node(1).close();
            cluster.elect("t", 0, 2);
            p.sendSync(record(0, "v1"));
            assertThat(read(c, 1)).containsExactly("v1");
            cluster.node(2).standStill();
            cluster.elect("t", 0, 3);
            p.sendSync(record(0, "v2"));
            assertThat(read(c, 1)).containsExactly("v2");
        }
    }

    @Test
    void shouldSayThatRecordsThatWereReadAreGone() {
        FakeCluster.FakeTopic topic = cluster.createTopic("t", 1);
        try (Producer<String, String> p = producer();
                Consumer<String, String> strict =
                        consumer().onOutOfRange(OutOfRange.FAIL).build();
                Consumer<String, String> lenient = consumer().build()) {
            strict.assign(List.of(T0));
            lenient.assign(List.of(T0));
            for (int i = 0; i < 4; i++) {
                p.sendSync(record(0, "v" + i));
            }
            assertThat(read(strict, 4)).isEqualTo(values(0, 4));
            assertThat(read(lenient, 4)).isEqualTo(values(0, 4));
            synchronized (cluster) {
                topic.log(0).truncateTo(2);
                cluster.elect("t", 0, 2);
            }
            try (Producer<String, String> other = producer()) {
                other.sendSync(record(0, "w2"));
                other.sendSync(record(0, "w3"));
                other.sendSync(record(0, "w4"));
            }
            assertThatThrownBy(() -> read(strict, 1)).isInstanceOf(LogTruncationException.class);
            assertThat(read(lenient, 3)).containsExactly("w2", "w3", "w4");
            strict.seek(T0, 4);
            assertThat(read(strict, 1)).containsExactly("w4");
        }
    }

    @Test
    void shouldTellATopicThatWasCreatedAgainFromTheOldOne() {
        cluster.createTopic("t", 1);
        try (Producer<String, String> p = producer();
                Consumer<String, String> strict =
                        consumer().onOutOfRange(OutOfRange.FAIL).build();
                Consumer<String, String> lenient = consumer().build()) {
            strict.assign(List.of(T0));
            lenient.assign(List.of(T0));
            p.sendSync(record(0, "old"));
            read(strict, 1);
            read(lenient, 1);
            cluster.deleteTopic("t");
            cluster.createTopic("t", 1);
            p.sendSync(record(0, "v0"));
            p.sendSync(record(0, "v1"));
            cluster.node(1).breakSubscriptions();
            assertThat(read(lenient, 2)).containsExactly("v0", "v1");
            assertThatThrownBy(() -> read(strict, 1)).isInstanceOf(UnknownTopicIdException.class);
            strict.seekToBeginning(List.of(T0));
            assertThat(read(strict, 2)).containsExactly("v0", "v1");
        }
    }

    @Test
    void shouldFindTheClusterThroughTheOnlyAddressThatAnswers() throws IOException {
        cluster.createTopic("t", 3);
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                ServerSocket closed = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            closed.close();
            String bootstrap = "localhost:" + silent.getLocalPort() + ",localhost:" + closed.getLocalPort() + ","
                    + cluster.node(3).address();
            try (VarveClient c = client(bootstrap);
                    Producer<String, String> p =
                            c.producer(Serde.string(), Serde.string()).build()) {
                long start = System.nanoTime();
                p.sendSync(record(0, "v"));
                assertThat(c.admin().describeCluster().join().nodes()).hasSize(3);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
            }
        }
    }

    @Test
    void shouldNameEveryAddressAndWhyWhenNoneAnswers() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                ServerSocket closed = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            closed.close();
            try (VarveClient c = VarveClient.builder()
                    .bootstrap("localhost:" + silent.getLocalPort() + ",localhost:" + closed.getLocalPort())
                    .requestTimeout(Duration.ofMillis(700))
                    .build()) {
                assertThatThrownBy(() -> c.admin().listTopics().join())
                        .hasCauseInstanceOf(NetworkException.class)
                        .hasMessageContaining("cannot reach any of 2 nodes within 700 ms")
                        .hasMessageContaining("localhost:" + closed.getLocalPort() + ": connection refused")
                        .hasMessageContaining("localhost:" + silent.getLocalPort() + ": was not answered in time");
            }
        }
    }

    @Test
    void shouldAskAnotherNodeWhenOneIsDownBeforeItGotTheChange() {
        cluster.node(1).close();
        cluster.node(2).close();
        for (int i = 0; i < 5; i++) {
            client.admin().createTopic(NewTopic.of("n" + i, 1)).join();
        }
        FakeNode third = cluster.node(3);
        assertThat(third.topic("n4")).isNotNull();
    }
}
