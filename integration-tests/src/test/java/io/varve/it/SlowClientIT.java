// SPDX-License-Identifier: Apache-2.0
package io.varve.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.varve.client.BufferFull;
import io.varve.client.NewTopic;
import io.varve.client.Producer;
import io.varve.client.ProducerRecord;
import io.varve.client.TopicPartition;
import io.varve.it.process.Pauses;
import io.varve.it.process.RunningNode;
import io.varve.proto.Uuids;
import io.varve.proto.v1.Acks;
import io.varve.proto.v1.AddPartition;
import io.varve.proto.v1.ConsumeServiceGrpc;
import io.varve.proto.v1.ProduceRequest;
import io.varve.proto.v1.ProduceResponse;
import io.varve.proto.v1.ProduceServiceGrpc;
import io.varve.proto.v1.SubscribeRequest;
import io.varve.proto.v1.SubscribeResponse;
import io.varve.record.BatchBuilder;
import io.varve.record.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients that take and never read: what they cost is bounded, and nobody else pays. */
class SlowClientIT {
    /** Several times what the node may hold for one client, and more than its whole direct memory. */
    private static final long SENT_BYTES = 200L << 20;

    private static final int BATCH_BYTES = 16 * 1024;
    /** Small, so that a few thousand acknowledgements that nobody reads fill it. */
    private static final int WINDOW_BYTES = 64 * 1024;

    private static final long GROWTH_MAX_KIB = 160 * 1024;
    private static final Duration STUCK = Duration.ofSeconds(2);

    @RegisterExtension
    static final RunningNode NODE =
            new RunningNode(Map.of("chunk.budget.bytes", 16 << 20, "tail.cache.bytes", 8 << 20));

    @SuppressWarnings("NullAway.Init") // before each test
    private ManagedChannel channel;

    @BeforeEach
    void connect() {
        channel = NettyChannelBuilder.forTarget(NODE.files().bootstrap())
                .usePlaintext()
                .proxyDetector(address -> null)
                .flowControlWindow(WINDOW_BYTES)
                .build();
    }

    @AfterEach
    void disconnect() throws InterruptedException {
        channel.shutdownNow();
        assertThat(channel.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    @Timeout(60)
    void shouldBoundWhatAProducerCostsThatNeverReadsItsAcks() throws IOException {
        TopicPartition partition = NODE.create(NewTopic.of("deaf", 1).config("retention.bytes", 1 << 20));
        ByteString topicId = topicId(partition);
        ByteString batch = batch();
        long before = NODE.process().residentKib();
        Deaf<ProduceRequest, ProduceResponse> deaf = new Deaf<>();
        ProduceServiceGrpc.newStub(channel).produce(deaf);

        long sent = 0;
        long lastReady = System.nanoTime();
        for (long number = 1; sent < SENT_BYTES && System.nanoTime() - lastReady < STUCK.toNanos(); ) {
            if (!deaf.stream().isReady()) {
                Pauses.of(Duration.ofMillis(2));
                continue;
            }
            lastReady = System.nanoTime();
            deaf.stream()
                    .onNext(ProduceRequest.newBuilder()
                            .setNumber(number++)
                            .setTopicId(topicId)
                            .setAcks(Acks.ACKS_ALL)
                            .setBatch(batch)
                            .build());
            sent += batch.size();
        }

        assertThat(deaf.stream().isReady()).as("ready after %s bytes", sent).isFalse();
        assertGrowth(before, sent);
        assertOthersUnharmed("beside-deaf-producer");
    }

    @Test
    @Timeout(60)
    void shouldBoundWhatASubscriberCostsThatNeverReads() throws IOException {
        TopicPartition partition = NODE.create(NewTopic.of("unread", 1));
        fill(partition, 64 << 20);
        long before = NODE.process().residentKib();
        Deaf<SubscribeRequest, SubscribeResponse> deaf = new Deaf<>();
        ConsumeServiceGrpc.newStub(channel).subscribe(deaf);
        for (int subscription = 1; subscription <= 20; subscription++) {
            deaf.stream()
                    .onNext(SubscribeRequest.newBuilder()
                            .setAdd(AddPartition.newBuilder()
                                    .setSubscription(subscription)
                                    .setTopicId(topicId(partition))
                                    .setCreditBytes(Long.MAX_VALUE))
                            .build());
        }

        fill(partition, 32 << 20);
        assertOthersUnharmed("beside-deaf-subscriber");
        assertGrowth(before, 96 << 20);
    }

    private static void assertGrowth(long beforeKib, long sentBytes) throws IOException {
        long grownKib = NODE.process().residentKib() - beforeKib;
        System.out.printf("%d KiB sent, the node grew by %d KiB from %d%n", sentBytes >> 10, grownKib, beforeKib);
        assertThat(grownKib).isLessThan(GROWTH_MAX_KIB);
    }

    private static void assertOthersUnharmed(String topic) {
        TopicPartition partition = NODE.create(NewTopic.of(topic, 1));
        try (Producer<byte[], byte[]> producer = NODE.client().producer().build()) {
            for (int i = 0; i < 20; i++) {
                long begin = System.nanoTime();
                producer.sendSync(ProducerRecord.of(partition.topic(), new byte[100]));
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
            }
        }
        await().atMost(Duration.ofSeconds(5)).until(() -> {
            try (var consumer = NODE.client().consumer().build()) {
                consumer.assign(List.of(partition));
                consumer.seekToBeginning(List.of(partition));
                return consumer.poll(Duration.ofSeconds(2)).count() > 0;
            }
        });
    }

    private static void fill(TopicPartition partition, int bytes) {
        int size = 256 * 1024;
        try (Producer<byte[], byte[]> producer = NODE.client()
                .producer()
                .batchSize(2 * size)
                .onBufferFull(BufferFull.BLOCK)
                .build()) {
            for (int sent = 0; sent < bytes; sent += size) {
                var ignored = producer.send(ProducerRecord.of(partition.topic(), new byte[size]));
            }
            producer.flush();
        }
    }

    private static ByteString topicId(TopicPartition partition) {
        String text =
                NODE.client().admin().describeTopic(partition.topic()).join().topicId();
        return Uuids.toBytes(Uuids.fromText(text));
    }

    private static ByteString batch() {
        BatchBuilder builder = new BatchBuilder(Codec.NONE, BATCH_BYTES);
        byte[] value = new byte[1000];
        while (builder.tryAppend(0, null, value, List.of())) {
            // until it is full
        }
        ByteBuffer batch = builder.build();
        return UnsafeByteOperations.unsafeWrap(batch);
    }

    /** Never asks for a message. */
    private static final class Deaf<Q, A> implements ClientResponseObserver<Q, A> {
        @SuppressWarnings("NullAway.Init") // set by gRPC before the call starts
        private volatile ClientCallStreamObserver<Q> stream;

        @Override
        public void beforeStart(ClientCallStreamObserver<Q> requests) {
            requests.disableAutoRequestWithInitial(0);
            stream = requests;
        }

        ClientCallStreamObserver<Q> stream() {
            return stream;
        }

        @Override
        public void onNext(A answer) {
            throw new AssertionError("nothing was asked for");
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }
}
