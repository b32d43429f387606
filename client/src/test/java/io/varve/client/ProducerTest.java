// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.varve.client.errors.BufferExhaustedException;
import io.varve.client.errors.DiskFullException;
import io.varve.client.errors.InvalidRequiredAcksException;
import io.varve.client.errors.NetworkException;
import io.varve.client.errors.RecordTooLargeException;
import io.varve.client.errors.UnknownTopicOrPartitionException;
import io.varve.client.fake.FakeLog;
import io.varve.client.fake.FakeNode;
import io.varve.client.fake.FakeNode.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ProducerTest {
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

    private ProducerBuilder<String, String> producer() {
        return client.producer(Serde.string(), Serde.string());
    }

    @Test
    void shouldStoreWhatIsSentAndSayWhere() {
        node.createTopic("t", 1);
        try (Producer<String, String> p = producer().build()) {
            RecordMetadata first = p.sendSync(ProducerRecord.of("t", "k", "a"));
            RecordMetadata second =
                    p.sendSync(ProducerRecord.<String, String>of("t", "b").timestamp(77));

            assertThat(first.offset()).isZero();
            assertThat(second).isEqualTo(new RecordMetadata("t", 0, 1, 77));
            assertThat(node.required("t").log(0).values()).containsExactly("a", "b");
        }
    }

    @Test
    void shouldTellManyInOrderOnOneThreadOfItsOwn() {
        node.createTopic("t", 3);
        List<Integer> told = new CopyOnWriteArrayList<>();
        List<String> threads = new CopyOnWriteArrayList<>();
        try (Producer<String, String> p = producer().batchSize(200).build()) {
            for (int i = 0; i < 2_000; i++) {
                int n = i;
                p.send(ProducerRecord.<String, String>of("t", "v" + i).partition(1), (metadata, error) -> {
                    assertThat(error).isNull();
                    assertThat(metadata)
                            .isNotNull()
                            .extracting(RecordMetadata::offset)
                            .isEqualTo((long) n);
                    told.add(n);
                    threads.add(Thread.currentThread().getName());
                });
            }
            p.flush();
            assertThat(told).hasSize(2_000).isSorted();
            assertThat(threads.stream().distinct()).hasSize(1).allMatch(n -> n.contains("callbacks"));
            assertThat(node.required("t").log(1).values())
                    .isEqualTo(IntStream.range(0, 2_000).mapToObj(i -> "v" + i).toList());
            assertThat(p.metrics().recordsSent()).isEqualTo(2_000);
            // A record's bytes are given back just after its callback, when the connection lets go of them.
            await().untilAsserted(() -> assertThat(p.metrics().bufferedBytes()).isZero());
        }
    }

    @Test
    void shouldStoreOnceAndInOrderWhateverTheNodeDoes() {
        node.createTopic("t", 4);
        long seed = 42;
        Random random = new Random(seed);
        node.onProduce(b -> switch (random.nextInt(12)) {
            case 0 -> Fault.BREAK_AFTER;
            case 1 -> Fault.BREAK_BEFORE;
            case 2 -> Fault.NOT_LEADER;
            default -> Fault.NONE;
        });
        List<CompletableFuture<RecordMetadata>> futures = new ArrayList<>();
        try (Producer<String, String> p = producer()
                .batchSize(300)
                .deliveryTimeout(Duration.ofSeconds(25))
                .build()) {
            for (int i = 0; i < 3_000; i++) {
                futures.add(p.send(ProducerRecord.of("t", "k" + i % 50, i % 50 + ":" + i)));
            }
            p.flush();
        }
        List<List<String>> stored =
                node.required("t").logs.stream().map(FakeLog::values).toList();
        assertThat(stored.stream().flatMap(List::stream).toList())
                .hasSize(3_000)
                .doesNotHaveDuplicates();
        for (int i = 0; i < 3_000; i++) {
            RecordMetadata m = futures.get(i).join();
            assertThat(stored.get(m.partition()).get((int) m.offset())).isEqualTo(i % 50 + ":" + i);
        }
    }

    @Test
    void shouldSpreadRecordsWithoutKeyAndKeepThoseWithKeyTogether() {
        node.createTopic("t", 6);
        try (Producer<String, String> p = producer().batchSize(500).build()) {
            for (int i = 0; i < 3_000; i++) {
                p.send(ProducerRecord.of("t", "value " + i));
            }
            p.flush();
            assertThat(node.required("t").logs).allMatch(l -> l.endOffset() > 100);
            int partition = p.sendSync(ProducerRecord.of("t", "key", "x")).partition();
            assertThat(p.sendSync(ProducerRecord.of("t", "key", "y")).partition())
                    .isEqualTo(partition);
            // Kafka's murmur2 of "key" over 6 partitions.
            assertThat(partition)
                    .isEqualTo(io.varve.record.Murmur2.partitionOf(
                            "key".getBytes(java.nio.charset.StandardCharsets.UTF_8), 6));
        }
    }

    @Test
    void shouldFailForATopicThatIsNotThere() {
        try (Producer<String, String> p = producer().build()) {
            assertThatThrownBy(() -> p.sendSync(ProducerRecord.of("nope", "v")))
                    .isInstanceOf(UnknownTopicOrPartitionException.class)
                    .hasMessageContaining("nope");
        }
    }

    @Test
    void shouldFindATopicThatIsCreatedAMomentLater() {
        try (Producer<String, String> p = producer().build()) {
            CompletableFuture<RecordMetadata> future = p.send(ProducerRecord.of("late", "v"));
            assertThat(future).isNotDone();
            node.createTopic("late", 1);
            assertThat(future.join().offset()).isZero();
        }
    }

    @Test
    void shouldRefuseARecordAboveTheTopicsLimitWithBothNumbers() {
        node.createTopic("t", 1);
        try (Producer<String, String> p = producer().build()) {
            assertThatThrownBy(() -> p.sendSync(ProducerRecord.of("t", "x".repeat(FakeNode.MAX_BATCH_BYTES))))
                    .isInstanceOf(RecordTooLargeException.class)
                    .hasMessageContaining("1048576");
            // Larger than a batch usually is, but allowed.
            assertThat(p.sendSync(ProducerRecord.of("t", "x".repeat(200_000))).offset())
                    .isZero();
        }
    }

    @Test
    void shouldReportWhyNothingWasStoredWhenTheDeadlinePasses() {
        node.createTopic("t", 1);
        node.onProduce(b -> Fault.DISK_FULL);
        node.throttle(Duration.ofSeconds(3)); // no second attempt may be under way when the deadline passes
        try (Producer<String, String> p =
                producer().deliveryTimeout(Duration.ofSeconds(1)).build()) {
            Throwable error = catchThrowable(() -> p.sendSync(ProducerRecord.of("t", "v")));
            assertThat(error).isInstanceOf(DiskFullException.class).hasMessageContaining("gave up after 1000 ms");
            assertThat(((VarveException) error).outcome()).isEqualTo(Outcome.NOT_APPLIED);
            node.onProduce(b -> Fault.NONE);
            // The pause before the next attempt is longer than this producer has patience, and may end with it.
            long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            Throwable later = error;
            while (later != null && System.nanoTime() - until < 0) {
                later = catchThrowable(() -> p.sendSync(ProducerRecord.of("t", "w")));
            }
            assertThat(later).isNull();
            assertThat(node.required("t").log(0).values()).containsOnly("w");
        }
    }

    @Test
    void shouldReportAnUnknownFateAsSuchAndKeepItsBytesUntilTheStreamEnds() {
        node.createTopic("t", 1);
        node.onProduce(b -> Fault.SILENT);
        try (Producer<String, String> p =
                producer().deliveryTimeout(Duration.ofMillis(300)).build()) {
            Throwable error = catchThrowable(() -> p.sendSync(ProducerRecord.of("t", "v")));
            assertThat(error).isInstanceOf(VarveException.class);
            assertThat(((VarveException) error).outcome()).isEqualTo(Outcome.INDETERMINATE);
            assertThat(p.metrics().bufferedBytes()).isPositive();
            assertThat(node.required("t").log(0).values()).containsExactly("v");
            p.close(Duration.ZERO);
            assertThat(p.metrics().bufferedBytes()).isZero();
        }
    }

    @Test
    void shouldNeverSendBytesOfOneTopicToAnotherWhenDeadlinesPassUnderWay() {
        node.createTopic("left", 2);
        node.createTopic("right", 2);
        Random random = new Random(7);
        node.onProduce(b -> switch (random.nextInt(8)) {
            case 0 -> Fault.SILENT;
            case 1 -> Fault.BREAK_AFTER;
            case 2 -> Fault.BREAK_BEFORE;
            default -> Fault.NONE;
        });
        try (Producer<String, String> p = producer()
                .batchSize(400)
                .bufferMemory(20_000)
                .onBufferFull(BufferFull.BLOCK)
                .deliveryTimeout(Duration.ofMillis(40))
                .build()) {
            for (int i = 0; i < 500; i++) {
                p.send(ProducerRecord.of("left", "k" + i, "left " + i));
                p.send(ProducerRecord.of("right", "k" + i, "right " + i));
            }
            for (int i = 500; !somethingIsStored("left") || !somethingIsStored("right"); i++) {
                // On a busy machine everything may have been late.
                p.send(ProducerRecord.of("left", "k" + i, "left " + i));
                p.send(ProducerRecord.of("right", "k" + i, "right " + i));
                p.flush();
            }
            p.close(Duration.ofSeconds(1));
            assertThat(p.metrics().bufferedBytes()).isZero();
        }
        for (String topic : List.of("left", "right")) {
            List<String> stored = node.required(topic).logs.stream()
                    .flatMap(l -> l.values().stream())
                    .toList();
            assertThat(stored).isNotEmpty().doesNotHaveDuplicates().allMatch(v -> v.startsWith(topic + " "));
        }
    }

    private boolean somethingIsStored(String topic) {
        synchronized (node.cluster) {
            return node.required(topic).logs.stream().anyMatch(l -> l.batchCount() > 0);
        }
    }

    @Test
    void shouldFailOrWaitWhenBufferMemoryIsTaken() {
        node.createTopic("t", 1);
        node.onProduce(b -> Fault.DISK_FULL);
        try (Producer<String, String> p = producer()
                .batchSize(1_000)
                .bufferMemory(4_000)
                .deliveryTimeout(Duration.ofSeconds(10))
                .build()) {
            p.partitionsFor("t");
            List<CompletableFuture<RecordMetadata>> futures = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                futures.add(p.send(ProducerRecord.of("t", "x".repeat(100))));
            }
            assertThat(futures)
                    .anySatisfy(f -> assertThat(f)
                            .isCompletedExceptionally()
                            .satisfies(e ->
                                    assertThatThrownBy(e::join).hasCauseInstanceOf(BufferExhaustedException.class)));
            node.onProduce(b -> Fault.NONE);
            p.flush();
        }
        try (Producer<String, String> p = producer()
                .batchSize(1_000)
                .bufferMemory(4_000)
                .onBufferFull(BufferFull.BLOCK)
                .build()) {
            List<CompletableFuture<RecordMetadata>> futures = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                futures.add(p.send(ProducerRecord.of("t", "x".repeat(100))));
            }
            p.flush();
            assertThat(futures).allMatch(f -> f.join().hasOffset());
        }
    }

    @Test
    void shouldTurnIdempotenceOffForOtherAcksUnlessAskedFor() {
        assertThatThrownBy(() -> producer().acks(Acks.LEADER).idempotent(true).build())
                .isInstanceOf(InvalidRequiredAcksException.class)
                .hasMessageContaining("acks=1");
        node.createTopic("t", 1);
        try (Producer<String, String> p = producer().acks(Acks.NONE).build()) {
            RecordMetadata m = p.sendSync(ProducerRecord.of("t", "v"));
            assertThat(m.hasOffset()).isFalse();
        }
        try (Producer<String, String> p = producer().acks(Acks.LEADER).build()) {
            assertThat(p.sendSync(ProducerRecord.of("t", "w")).hasOffset()).isTrue();
        }
        assertThat(node.required("t").log(0).values()).containsExactly("v", "w");
    }

    @Test
    void shouldHaveDeliveredEverythingWhenItIsClosedThoughNobodyAcknowledges() {
        node.createTopic("t", 1);
        for (int round = 1; round <= 20; round++) {
            try (Producer<String, String> p = producer().acks(Acks.NONE).build()) {
                for (int i = 0; i < 100; i++) {
                    p.send(ProducerRecord.of("t", "v" + i));
                }
            }
            assertThat(node.required("t").log(0).values()).hasSize(round * 100);
        }
    }

    @Test
    void shouldGoOnAcrossATopicThatIsDeletedAndCreatedAgain() {
        node.createTopic("t", 1);
        try (Producer<String, String> p = producer().build()) {
            p.sendSync(ProducerRecord.of("t", "old"));
            p.sendSync(ProducerRecord.of("t", "old too"));
            node.createTopic("t", 1);
            assertThat(p.sendSync(ProducerRecord.of("t", "new")).offset()).isZero();
            assertThat(node.required("t").log(0).values()).containsExactly("new");
        }
    }

    @Test
    void shouldNameTheAddressThatCannotBeReached() {
        node.close();
        try (VarveClient c = VarveClient.builder()
                        .bootstrap(node.address())
                        .requestTimeout(Duration.ofMillis(500))
                        .build();
                Producer<byte[], byte[]> p = c.producer().build()) {
            assertThatThrownBy(() -> p.sendSync(ProducerRecord.of("t", new byte[1])))
                    .isInstanceOf(NetworkException.class)
                    .hasMessageContaining(node.address())
                    .hasMessageContaining("500 ms")
                    .hasMessageContaining("refused");
        }
    }

    @Test
    void shouldReconnectWhenTheNodeComesBack() {
        node.createTopic("t", 1);
        try (Producer<String, String> p = producer().build()) {
            p.sendSync(ProducerRecord.of("t", "a"));
            node.close();
            CompletableFuture<RecordMetadata> future = p.send(ProducerRecord.of("t", "b"));
            node = node.cluster.startNode(1);
            assertThat(future.join().hasOffset()).isTrue();
        }
    }

    @Test
    void shouldLeaveNoThreadBehind() {
        node.createTopic("t", 1);
        AtomicInteger told = new AtomicInteger();
        try (VarveClient c =
                VarveClient.builder().bootstrap(node.address()).clientId("gone").build()) {
            Producer<String, String> p =
                    c.producer(Serde.string(), Serde.string()).build();
            p.send(ProducerRecord.of("t", "v"), (m, e) -> told.incrementAndGet());
        }
        assertThat(told).hasValue(1);
        // An event loop says that it has ended from its own last lines: the thread is gone a moment later.
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(
                                Thread.getAllStackTraces().keySet().stream().map(Thread::getName))
                        .noneMatch(n -> n.startsWith("varve-gone")));
    }

    @Test
    void shouldRefuseToWaitInsideACallback() {
        node.createTopic("t", 1);
        CompletableFuture<Throwable> caught = new CompletableFuture<>();
        try (Producer<String, String> p = producer().build()) {
            p.send(ProducerRecord.of("t", "v"), (m, e) -> caught.complete(catchThrowable(p::flush)));
            assertThat(caught.join()).isInstanceOf(IllegalStateException.class).hasMessageContaining("callback");
        }
    }
}
