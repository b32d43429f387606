// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.varve.client.errors.CorruptRecordException;
import io.varve.client.errors.NetworkException;
import io.varve.client.errors.NoOffsetForPartitionException;
import io.varve.client.errors.OffsetOutOfRangeException;
import io.varve.client.errors.SerializationException;
import io.varve.client.errors.UnknownTopicOrPartitionException;
import io.varve.client.errors.WakeupException;
import io.varve.client.fake.FakeLog;
import io.varve.client.fake.FakeNode;
import io.varve.record.BatchBuilder;
import io.varve.record.Codec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ConsumerTest {
    private static final TopicPartition T0 = TopicPartition.of("t", 0);
    private static final Duration LONG = Duration.ofSeconds(10);
    private FakeNode node;
    private VarveClient client;

    @BeforeEach
    void start() {
        node = FakeNode.start();
        node.createTopic("t", 2);
        client =
                VarveClient.builder().bootstrap(node.address()).clientId("test").build();
    }

    @AfterEach
    void stop() {
        client.close();
        node.close();
    }

    private ConsumerBuilder<String, String> consumer() {
        return client.consumer(Serde.string(), Serde.string()).startFrom(Start.EARLIEST);
    }

    private static byte[] batch(Codec codec, long firstTimestamp, String... values) {
        BatchBuilder builder = new BatchBuilder(codec, 1 << 20);
        for (int i = 0; i < values.length; i++) {
            builder.tryAppend(firstTimestamp + i, (byte[]) null, values[i].getBytes(StandardCharsets.UTF_8), List.of());
        }
        ByteBuffer b = builder.build();
        return Arrays.copyOf(b.array(), b.limit());
    }

    private FakeLog fill(int partition, int records, int perBatch) {
        FakeLog log = node.required("t").log(partition);
        synchronized (node.cluster) {
            for (int i = 0; i < records; i += perBatch) {
                log.addRaw(batch(
                        Codec.NONE,
                        1_000 + i,
                        IntStream.range(i, Math.min(records, i + perBatch))
                                .mapToObj(n -> "v" + n)
                                .toArray(String[]::new)));
            }
        }
        return log;
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

    private static List<String> expected(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "v" + i).toList();
    }

    @Test
    void shouldReadEverythingInOrderWithinLittleMemory() {
        fill(0, 5_000, 7);
        try (Consumer<String, String> c =
                consumer().prefetch(500).maxPollRecords(50).build()) {
            c.assign(List.of(T0));
            assertThat(read(c, 5_000)).isEqualTo(expected(0, 5_000));
            assertThat(c.position(T0)).isEqualTo(5_000);
            assertThat(c.metrics().recordsConsumed()).isEqualTo(5_000);
            assertThat(c.metrics().bufferedBytes()).isZero();
            assertThat(c.poll(Duration.ofMillis(50)).isEmpty()).isTrue();
        }
    }

    @Test
    void shouldBoundWhatIsBufferedByThePrefetch() {
        FakeLog log = fill(0, 5_000, 7);
        try (Consumer<String, String> c =
                consumer().prefetch(2_000).maxPollRecords(1).build()) {
            c.assign(List.of(T0));
            read(c, 1);
            await().pollDelay(Duration.ofMillis(100)).until(() -> true);
            c.poll(Duration.ZERO);
            assertThat(c.metrics().bufferedBytes()).isBetween(1L, 2_000L + log.batch(0).length);
        }
    }

    @Test
    void shouldBeginInTheMiddleOfABatch() {
        fill(0, 100, 10);
        try (Consumer<String, String> c = consumer().build()) {
            c.assign(List.of(T0));
            c.seek(T0, 37);
            assertThat(read(c, 63)).isEqualTo(expected(37, 100));
        }
    }

    @Test
    void shouldIgnoreWhatComesForAPositionThatWasLeft() {
        fill(0, 1_000, 10);
        try (Consumer<String, String> c = consumer().maxPollRecords(5).build()) {
            c.assign(List.of(T0));
            for (int i = 0; i < 50; i++) {
                int at = i * 37 % 900;
                c.seek(T0, at);
                assertThat(c.poll(LONG).iterator().next().value()).isEqualTo("v" + at);
            }
        }
    }

    @Test
    void shouldFindPositionsByTimeBeginningAndEnd() {
        fill(0, 100, 10).startAt(20);
        try (Consumer<String, String> c = consumer().build()) {
            c.assign(List.of(T0, TopicPartition.of("t", 1)));
            c.pause(List.of(TopicPartition.of("t", 1)));
            c.seekToBeginning(List.of(T0));
            assertThat(c.position(T0)).isEqualTo(20);
            c.seekToEnd(List.of(T0));
            assertThat(c.position(T0)).isEqualTo(100);
            c.seek(T0, Start.at(Instant.ofEpochMilli(1_055)));
            assertThat(read(c, 45)).isEqualTo(expected(55, 100));
            assertThat(c.beginningOffsets(List.of(T0))).containsEntry(T0, 20L);
            assertThat(c.endOffsets(List.of(T0))).containsEntry(T0, 100L);
            Map<TopicPartition, Optional<OffsetAndTimestamp>> found = c.offsetsForTimes(
                    Map.of(T0, Instant.ofEpochMilli(1_030), TopicPartition.of("t", 1), Instant.ofEpochMilli(5)));
            assertThat(found.get(T0)).map(OffsetAndTimestamp::offset).contains(30L);
            assertThat(found.get(TopicPartition.of("t", 1))).isEmpty();
        }
    }

    @Test
    void shouldGoOnWhereItStoodWhenTheStreamBreaks() {
        fill(0, 2_000, 10);
        try (Consumer<String, String> c = consumer().prefetch(3_000).build()) {
            c.assign(List.of(T0));
            List<String> values = new ArrayList<>();
            while (values.size() < 2_000) {
                c.poll(LONG).forEach(r -> values.add(r.value()));
                if (values.size() % 3 == 0) {
                    node.breakSubscriptions();
                }
            }
            assertThat(values).isEqualTo(expected(0, 2_000));
            assertThat(c.metrics().reconnects()).isPositive();
        }
    }

    @Test
    void shouldReadWhatIsAppendedWhileItWaits() {
        try (Consumer<String, String> c = consumer().build();
                Producer<String, String> p =
                        client.producer(Serde.string(), Serde.string()).build()) {
            c.assign(List.of(T0, TopicPartition.of("t", 1)));
            assertThat(c.poll(Duration.ofMillis(50)).isEmpty()).isTrue();
            CompletableFuture<RecordMetadata> sent =
                    p.send(ProducerRecord.of("t", "k", "hello").header("h", "x"));
            ConsumerRecord<String, String> record = c.poll(LONG).iterator().next();
            assertThat(record.key()).isEqualTo("k");
            assertThat(record.value()).isEqualTo("hello");
            assertThat(record.headers()).containsExactly(Header.of("h", "x"));
            assertThat(record.leaderEpoch()).isEqualTo(1);
            assertThat(record.timestampMs()).isEqualTo(sent.join().timestampMs());
            assertThat(record.partition()).isEqualTo(sent.join().partition());
        }
    }

    @Test
    void shouldReadEveryCodecAndSkipControlBatches() {
        FakeLog log = node.required("t").log(0);
        for (Codec codec : Codec.values()) {
            log.addRaw(batch(codec, 1, "a".repeat(1_000), codec.name()));
        }
        byte[] control = batch(Codec.NONE, 1, "marker");
        // Attribute bit 5: a control batch; its CRC follows.
        control[io.varve.record.BatchHeader.SIZE_BYTES - 61 + 22] |= 0x20;
        ByteBuffer b = ByteBuffer.wrap(control);
        b.putInt(17, io.varve.record.BatchHeader.computeCrc(b, 0));
        log.addRaw(control);
        log.addRaw(batch(Codec.NONE, 1, "last"));
        try (Consumer<String, String> c = consumer().build()) {
            c.assign(List.of(T0));
            List<String> values = read(c, 11);
            assertThat(values)
                    .contains("NONE", "GZIP", "SNAPPY", "LZ4", "ZSTD", "last")
                    .doesNotContain("marker");
            assertThat(c.position(T0)).isEqualTo(12);
        }
    }

    @Test
    void shouldStopAtADamagedBatchAndGoOnBehindIt() {
        FakeLog log = fill(0, 20, 10);
        byte[] damaged = batch(Codec.NONE, 1, "x");
        damaged[damaged.length - 1] ^= 1;
        log.addRaw(damaged);
        fill(0, 3, 3);
        try (Consumer<String, String> c = consumer().build()) {
            c.assign(List.of(T0));
            assertThat(read(c, 20)).isEqualTo(expected(0, 20));
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> c.poll(LONG))
                        .isInstanceOf(CorruptRecordException.class)
                        .hasMessageContaining("offset 20");
            }
            c.seek(T0, 21);
            assertThat(read(c, 3)).isEqualTo(expected(0, 3));
        }
    }

    @Test
    void shouldObeyTheOutOfRangePolicy() {
        fill(0, 100, 10).startAt(50);
        try (Consumer<String, String> c = consumer().build()) {
            c.assign(List.of(T0));
            c.seek(T0, 10);
            assertThat(read(c, 50)).isEqualTo(expected(50, 100));
            c.seek(T0, 500);
            assertThat(c.poll(Duration.ofMillis(200)).isEmpty()).isTrue();
            assertThat(c.position(T0)).isEqualTo(100);
        }
        try (Consumer<String, String> c =
                consumer().onOutOfRange(OutOfRange.FAIL).build()) {
            c.assign(List.of(T0));
            c.seek(T0, 10);
            assertThatThrownBy(() -> c.poll(LONG)).isInstanceOf(OffsetOutOfRangeException.class);
            c.seek(T0, 60);
            assertThat(read(c, 40)).isEqualTo(expected(60, 100));
        }
    }

    @Test
    void shouldReturnNothingOfAPausedPartitionAndAllOfItLater() {
        TopicPartition t1 = TopicPartition.of("t", 1);
        fill(0, 50, 5);
        fill(1, 50, 5);
        try (Consumer<String, String> c = consumer().build()) {
            c.assign(List.of(T0, t1));
            c.pause(List.of(t1));
            assertThat(c.paused()).containsExactly(t1);
            int zero = 0;
            while (zero < 50) {
                ConsumerRecords<String, String> records = c.poll(LONG);
                assertThat(records.partitions()).containsOnly(T0);
                zero += records.count();
            }
            c.resume(List.of(t1));
            assertThat(read(c, 50)).isEqualTo(expected(0, 50));
        }
    }

    @Test
    void shouldKeepPositionsOfPartitionsThatStayAssigned() {
        TopicPartition t1 = TopicPartition.of("t", 1);
        fill(0, 50, 5);
        fill(1, 50, 5);
        try (Consumer<String, String> c = consumer().maxPollRecords(10).build()) {
            c.assign(List.of(T0));
            c.poll(LONG);
            long position = c.position(T0);
            assertThat(position).isPositive();
            c.assign(List.of(T0, t1));
            assertThat(c.position(T0)).isEqualTo(position);
            c.assign(List.of(t1));
            assertThat(c.assignment()).containsExactly(t1);
            assertThat(read(c, 50)).isEqualTo(expected(0, 50));
            assertThatThrownBy(() -> c.seek(T0, 0)).hasMessageContaining("not assigned");
        }
    }

    @Test
    void shouldSayWhatIsMissing() {
        try (Consumer<String, String> c = consumer().startFrom(Start.NONE).build()) {
            c.assign(List.of(T0));
            assertThatThrownBy(() -> c.poll(LONG)).isInstanceOf(NoOffsetForPartitionException.class);
            c.seek(T0, 0);
            assertThat(c.poll(Duration.ofMillis(50)).isEmpty()).isTrue();
        }
        try (Consumer<String, String> c = consumer().build()) {
            c.assign(List.of(TopicPartition.of("nope", 0)));
            assertThatThrownBy(() -> c.poll(LONG))
                    .isInstanceOf(UnknownTopicOrPartitionException.class)
                    .hasMessageContaining("nope");
            c.assign(List.of(TopicPartition.of("t", 7)));
            c.seek(TopicPartition.of("t", 7), 0);
            assertThatThrownBy(() -> c.poll(LONG))
                    .isInstanceOf(UnknownTopicOrPartitionException.class)
                    .hasMessageContaining("t-7")
                    .hasMessageContaining("2 partitions");
        }
    }

    @Test
    void shouldNotLoseARecordThatItsSerdeCannotRead() {
        fill(0, 3, 3);
        Serde<String> picky = new Serde<>() {
            @Override
            public byte[] serialize(String topic, String value) {
                throw new IllegalArgumentException("no");
            }

            @Override
            public String deserialize(String topic, byte[] bytes) {
                if (bytes[1] == '1') {
                    throw new IllegalArgumentException("I do not like ones");
                }
                return new String(bytes, StandardCharsets.UTF_8);
            }
        };
        try (Consumer<String, String> c =
                client.consumer(Serde.string(), picky).startFrom(Start.EARLIEST).build()) {
            c.assign(List.of(T0));
            assertThat(read(c, 1)).containsExactly("v0");
            assertThatThrownBy(() -> c.poll(LONG))
                    .isInstanceOf(SerializationException.class)
                    .hasMessageContaining("offset 1");
            c.seek(T0, 2);
            assertThat(read(c, 1)).containsExactly("v2");
        }
    }

    @Test
    void shouldBeWokenUpAndClosedByAnotherThread() throws Exception {
        Consumer<String, String> c = consumer().build();
        c.assign(List.of(T0));
        CountDownLatch first = new CountDownLatch(1);
        CompletableFuture<Throwable> woken = new CompletableFuture<>();
        CompletableFuture<Throwable> closed = new CompletableFuture<>();
        Thread poller = new Thread(() -> {
            first.countDown();
            woken.complete(catchThrowable(() -> c.poll(LONG)));
            closed.complete(catchThrowable(() -> c.poll(LONG)));
        });
        poller.start();
        first.await();
        await().until(() -> poller.getState() == Thread.State.TIMED_WAITING);
        assertThatThrownBy(() -> c.poll(Duration.ZERO))
                .isInstanceOf(ConcurrentModificationException.class)
                .hasMessageContaining(poller.getName());
        c.wakeup();
        assertThat(woken.join()).isInstanceOf(WakeupException.class);
        await().until(() -> poller.getState() == Thread.State.TIMED_WAITING);
        c.close();
        assertThat(closed.join()).isInstanceOf(WakeupException.class);
        assertThatThrownBy(() -> c.poll(Duration.ZERO)).hasMessageContaining("closed");
    }

    @Test
    void shouldGoOnWhenTheNodeComesBack() {
        fill(0, 10, 5);
        try (Consumer<String, String> c = consumer().build()) {
            c.assign(List.of(T0));
            assertThat(read(c, 10)).isEqualTo(expected(0, 10));
            node.close();
            assertThat(c.poll(Duration.ofMillis(100)).isEmpty()).isTrue();
            node = node.cluster.startNode(1);
            fill(0, 5, 5);
            assertThat(read(c, 5)).isEqualTo(expected(0, 5));
        }
    }

    @Test
    void shouldNameTheAddressThatCannotBeReached() {
        node.close();
        try (VarveClient lonely = VarveClient.builder()
                        .bootstrap(node.address())
                        .requestTimeout(Duration.ofMillis(500))
                        .build();
                Consumer<byte[], byte[]> c =
                        lonely.consumer().startFrom(Start.EARLIEST).build()) {
            c.assign(List.of(T0));
            assertThatThrownBy(() -> c.poll(LONG))
                    .isInstanceOf(NetworkException.class)
                    .hasMessageContaining(node.address());
        }
    }
}
