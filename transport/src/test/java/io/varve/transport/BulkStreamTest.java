// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.Acks;
import io.varve.proto.v1.AddCredit;
import io.varve.proto.v1.BatchResult;
import io.varve.proto.v1.ConsumeServiceGrpc;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.ProduceRequest;
import io.varve.proto.v1.ProduceResponse;
import io.varve.proto.v1.ProduceServiceGrpc;
import io.varve.proto.v1.SubscribeRequest;
import io.varve.proto.v1.SubscribeResponse;
import java.time.Duration;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bulk messages over a real connection: right bytes, and no buffer left open however a call ends. */
class BulkStreamTest {
    private static final UUID TOPIC = new UUID(1, 2);

    private final CountingAllocator buffers = new CountingAllocator(true);
    private final CountingAllocator clientBuffers = new CountingAllocator(false);
    private final AtomicInteger cancels = new AtomicInteger();

    private final MethodDescriptor<ProduceBatch, ProduceResponse> produce =
            BulkMethods.produce(buffers, Loopback.LIMIT);
    private final MethodDescriptor<SubscribeRequest, SubscribeBatches> subscribe =
            BulkMethods.subscribe(clientBuffers, Loopback.LIMIT);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldCarryBatchesUnchanged(boolean nativeTransport) throws Exception {
        try (Loopback loopback = new Loopback(nativeTransport, Loopback.service(produce, this::answerWithChecksum))) {
            var call = loopback.channel.newCall(produce, BulkMethods.callOptions());
            Loopback.Answers<ProduceResponse> answers = loopback.start(call);
            Random random = new Random(5);
            for (int number = 1; number <= 50; number++) {
                ByteBuf payload = randomPayload(random, random.nextInt(Loopback.LIMIT));
                long expected = checksum(payload);
                Loopback.waitUntilReady(call);
                call.sendMessage(batch(number, payload));
                payload.release();
                BatchResult result = answers.next().getResults(0);
                assertThat(result.getNumber()).isEqualTo(number);
                assertThat(result.getBaseOffset()).isEqualTo(expected);
            }
            call.halfClose();
            assertThat(Status.fromThrowable(answers.end()).isOk()).isTrue();
        }
        assertNothingOpen();
    }

    @Test
    void shouldUnderstandGeneratedClients() throws Exception {
        try (Loopback loopback = new Loopback(
                true,
                Loopback.service(produce, this::answerWithChecksum),
                Loopback.service(subscribe, this::answerWithOneMessage))) {
            byte[] payload = new byte[70_000];
            new Random(9).nextBytes(payload);
            var call = loopback.channel.newCall(ProduceServiceGrpc.getProduceMethod(), BulkMethods.callOptions());
            Loopback.Answers<ProduceResponse> answers = loopback.start(call);
            call.sendMessage(ProduceRequest.newBuilder()
                    .setNumber(3)
                    .setBatch(ByteString.copyFrom(payload))
                    .build());
            CRC32C crc = new CRC32C();
            crc.update(payload);
            assertThat(answers.next().getResults(0).getBaseOffset()).isEqualTo(crc.getValue());
            call.cancel("enough", null);

            var reading = loopback.channel.newCall(ConsumeServiceGrpc.getSubscribeMethod(), BulkMethods.callOptions());
            Loopback.Answers<SubscribeResponse> read = loopback.start(reading);
            reading.sendMessage(credit(200_000));
            assertThat(read.next().getBatches().size()).isEqualTo(200_000);
            reading.cancel("enough", null);
        }
        assertNothingOpen();
    }

    @Test
    void shouldUnderstandGzippedMessages() throws Exception {
        try (Loopback loopback = new Loopback(true, Loopback.service(produce, this::answerWithChecksum))) {
            var call =
                    loopback.channel.newCall(produce, BulkMethods.callOptions().withCompression("gzip"));
            Loopback.Answers<ProduceResponse> answers = loopback.start(call);
            ByteBuf payload = randomPayload(new Random(1), 300_000);
            long expected = checksum(payload);
            Loopback.waitUntilReady(call);
            call.sendMessage(batch(1, payload));
            payload.release();

            assertThat(answers.next().getResults(0).getBaseOffset()).isEqualTo(expected);
            call.cancel("enough", null);
        }
        assertNothingOpen();
    }

    @Test
    void shouldDeliverSubscribedBatchesUnchanged() throws Exception {
        try (Loopback loopback = new Loopback(true, Loopback.service(subscribe, this::answerWithOneMessage))) {
            var call = loopback.channel.newCall(subscribe, BulkMethods.callOptions());
            Loopback.Answers<SubscribeBatches> answers = loopback.start(call);
            for (int size : new int[] {1, 100, 65_536, 1 << 20}) {
                call.sendMessage(credit(size));
                SubscribeBatches batches = answers.next();
                assertThat(batches.batches().readableBytes()).isEqualTo(size);
                assertThat(checksum(batches.batches())).isEqualTo(batches.highWatermark());
                batches.release();
            }
            call.halfClose();
            assertThat(Status.fromThrowable(answers.end()).isOk()).isTrue();
        }
        assertNothingOpen();
    }

    @Test
    void shouldLeaveNothingOpenWhenTheClientCancelsMidStream() throws Exception {
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            try (Loopback loopback = new Loopback(true, Loopback.service(produce, this::answerWithChecksum))) {
                ClientCall<ProduceBatch, ProduceResponse> call =
                        loopback.channel.newCall(produce, BulkMethods.callOptions());
                loopback.start(call);
                Loopback.waitUntilReady(call);
                for (int number = 1; number <= 20 && call.isReady(); number++) {
                    ByteBuf payload = randomPayload(random, random.nextInt(300_000));
                    call.sendMessage(batch(number, payload));
                    payload.release();
                }
                if (random.nextBoolean()) {
                    call.cancel("enough", null);
                } else {
                    loopback.channel.shutdownNow();
                }
            }
            assertNothingOpen();
        }
    }

    @Test
    void shouldLeaveNothingOpenWhenTheReaderCancelsMidStream() throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            try (Loopback loopback = new Loopback(true, Loopback.service(subscribe, this::answerWithOneMessage))) {
                ClientCall<SubscribeRequest, SubscribeBatches> call =
                        loopback.channel.newCall(subscribe, BulkMethods.callOptions());
                AtomicInteger received = new AtomicInteger();
                call.start(
                        new ClientCall.Listener<>() {
                            @Override
                            public void onMessage(SubscribeBatches message) {
                                message.release();
                                received.incrementAndGet();
                            }
                        },
                        new Metadata());
                call.request(random.nextInt(5));
                for (int i = 0; i < 20; i++) {
                    call.sendMessage(credit(1 + random.nextInt(500_000)));
                }
                int before = random.nextInt(2);
                await().pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> received.get() >= before || random.nextInt(50) == 0);
                call.cancel("enough", null);
            }
            assertNothingOpen();
        }
    }

    @Test
    void shouldEndTheCallWithTheReasonWhenABatchIsTooLarge() throws Exception {
        try (Loopback loopback = new Loopback(true, Loopback.service(produce, this::answerWithChecksum))) {
            var call = loopback.channel.newCall(ProduceServiceGrpc.getProduceMethod(), BulkMethods.callOptions());
            Loopback.Answers<ProduceResponse> answers = loopback.start(call);
            call.sendMessage(ProduceRequest.newBuilder()
                    .setNumber(1)
                    .setBatch(ByteString.copyFrom(new byte[Loopback.LIMIT + 1]))
                    .build());
            Throwable end = answers.end();
            assertThat(Status.fromThrowable(end).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(ErrorReasons.fromThrowable(end).map(Error::getReason))
                    .hasValue(ErrorReason.ERROR_REASON_MESSAGE_TOO_LARGE);
            await().until(() -> cancels.get() == 1);
        }
        assertThat(buffers.allocated).hasValue(0);
    }

    @Test
    void shouldEndTheCallWhenAMessageIsAboveTheLimit() throws Exception {
        try (Loopback loopback = new Loopback(true, Loopback.service(produce, this::answerWithChecksum))) {
            var call = loopback.channel.newCall(ProduceServiceGrpc.getProduceMethod(), BulkMethods.callOptions());
            Loopback.Answers<ProduceResponse> answers = loopback.start(call);
            call.sendMessage(ProduceRequest.newBuilder()
                    .setBatch(ByteString.copyFrom(new byte[3 * Loopback.LIMIT]))
                    .build());
            assertThat(Status.fromThrowable(answers.end()).getCode())
                    .isIn(
                            // The latter once headers were sent: gRPC resets the stream then.
                            Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED);
        }
        assertThat(buffers.allocated).hasValue(0);
    }

    @Test
    void shouldBoundWhatAStreamCostsWhoseServerDoesNotRead() throws Exception {
        var stubborn = Loopback.service(produce, (call, headers) -> {
            call.sendHeaders(new Metadata());
            return new ServerCall.Listener<>() {};
        });
        try (Loopback loopback = new Loopback(true, stubborn)) {
            ClientCall<ProduceBatch, ProduceResponse> call =
                    loopback.channel.newCall(produce, BulkMethods.callOptions());
            loopback.start(call);
            Loopback.waitUntilReady(call);
            int sent = 0;
            while (sent < 1_000 && becomesReady(call)) {
                ByteBuf payload = randomPayload(new Random(1), 100_000);
                call.sendMessage(batch(++sent, payload));
                payload.release();
            }
            // One window on the server, the threshold and what is under way on the client.
            assertThat(sent * 100_000L).isBetween(4L << 20, 12L << 20);
        }
        assertNothingOpen();
    }

    private static boolean becomesReady(ClientCall<?, ?> call) {
        try {
            await().atMost(Duration.ofMillis(500))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(call::isReady);
            return true;
        } catch (ConditionTimeoutException e) {
            return false;
        }
    }

    private ServerCall.Listener<ProduceBatch> answerWithChecksum(
            ServerCall<ProduceBatch, ProduceResponse> call, Metadata headers) {
        return new Loopback.Handler<>(call) {
            @Override
            public void onMessage(ProduceBatch message) {
                long checksum = checksum(message.batch());
                message.release();
                call.sendMessage(ProduceResponse.newBuilder()
                        .addResults(BatchResult.newBuilder()
                                .setNumber(message.number())
                                .setBaseOffset(checksum))
                        .build());
            }

            @Override
            public void onCancel() {
                cancels.incrementAndGet();
            }

            @Override
            public void onHalfClose() {
                call.close(Status.OK, new Metadata());
            }
        };
    }

    /** Each credit is answered with one message of that many bytes, its checksum as high watermark. */
    private ServerCall.Listener<SubscribeRequest> answerWithOneMessage(
            ServerCall<SubscribeRequest, SubscribeBatches> call, Metadata headers) {
        call.setOnReadyThreshold(BulkMethods.ON_READY_THRESHOLD_BYTES);
        return new Loopback.Handler<>(call) {
            @Override
            public void onMessage(SubscribeRequest message) {
                ByteBuf payload =
                        randomPayload(new Random(7), (int) message.getCredit().getBytes());
                try {
                    call.sendMessage(new SubscribeBatches(1, null, checksum(payload), 0, 0, 1, 0, payload));
                } finally {
                    payload.release();
                }
            }

            @Override
            public void onHalfClose() {
                call.close(Status.OK, new Metadata());
            }
        };
    }

    private void assertNothingOpen() {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).untilAsserted(() -> {
            assertThat(buffers.openBytes()).isZero();
            assertThat(clientBuffers.openBytes()).isZero();
        });
    }

    private ByteBuf randomPayload(Random random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return buffers.buffer(Math.max(1, size)).writeBytes(bytes);
    }

    private static long checksum(ByteBuf payload) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBufUtil.getBytes(payload));
        return crc.getValue();
    }

    private static ProduceBatch batch(long number, ByteBuf payload) {
        return new ProduceBatch(number, TOPIC, 0, 1, Acks.ACKS_ALL, 0, payload);
    }

    private static SubscribeRequest credit(int bytes) {
        return SubscribeRequest.newBuilder()
                .setCredit(AddCredit.newBuilder().setBytes(bytes))
                .build();
    }
}
