// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.Bytes;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.Drainable;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.varve.proto.ErrorReasons;
import io.varve.proto.Uuids;
import io.varve.proto.v1.Acks;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.ProduceRequest;
import io.varve.proto.v1.SubscribeResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hand-written marshallers against the generated classes, both ways. Every test must leave no buffer open. */
class MarshallerTest {
    private static final int LIMIT = RandomMessages.MAX_PAYLOAD_BYTES;
    private static final int SEEDS = 2_000;

    private final CountingAllocator buffers = new CountingAllocator(true);
    private final Marshaller<ProduceBatch> produce = new ProduceBatchMarshaller(new PayloadReader(buffers, LIMIT));
    private final Marshaller<SubscribeBatches> subscribe =
            new SubscribeBatchesMarshaller(new PayloadReader(buffers, LIMIT));

    @AfterEach
    void shouldLeaveNoBufferOpen() {
        assertThat(buffers.openBytes()).isZero();
    }

    @Test
    void shouldReadWhatGeneratedCodeWrites() throws IOException {
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            ProduceRequest request = RandomMessages.produce(random);
            SubscribeResponse response = RandomMessages.subscribe(random);
            boolean inOrder = random.nextBoolean();

            byte[] requestBytes = inOrder ? request.toByteArray() : RandomMessages.shuffled(request, random);
            byte[] responseBytes = inOrder ? response.toByteArray() : RandomMessages.shuffled(response, random);

            assertThat(take(produce.parse(ChunkedStream.any(requestBytes, random))))
                    .as("seed %d", seed)
                    .isEqualTo(request);
            assertThat(take(subscribe.parse(ChunkedStream.any(responseBytes, random))))
                    .as("seed %d", seed)
                    .isEqualTo(response);
        }
    }

    @Test
    void shouldWriteByteForByteWhatGeneratedCodeWrites() throws IOException {
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            ProduceRequest request = RandomMessages.produce(random);
            SubscribeResponse response = RandomMessages.subscribe(random);

            assertThat(write(random, produce, request(request, random)))
                    .as("seed %d", seed)
                    .isEqualTo(request.toByteArray());
            assertThat(write(random, subscribe, response(response, random)))
                    .as("seed %d", seed)
                    .isEqualTo(response.toByteArray());
        }
    }

    @Test
    void shouldTakeGarbageWithNothingButACleanStatus() {
        int refused = 0;
        for (long seed = 0; seed < 5 * SEEDS; seed++) {
            Random random = new Random(seed);
            byte[] produced =
                    RandomMessages.damaged(RandomMessages.produce(random).toByteArray(), random);
            byte[] subscribed =
                    RandomMessages.damaged(RandomMessages.subscribe(random).toByteArray(), random);
            refused += parseAsGeneratedCodeDoes(seed, produced, random) ? 0 : 1;
            parseSubscribeAsGeneratedCodeDoes(seed, subscribed, random);
        }
        assertThat(refused).as("the damage is real").isGreaterThan(SEEDS / 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {LIMIT + 1, 1 << 20, Integer.MAX_VALUE, -1})
    void shouldRefuseAPayloadAboveTheLimitBeforeAllocating(int length) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        var out = CodedOutputStream.newInstance(bytes);
        out.writeTag(ProduceRequest.BATCH_FIELD_NUMBER, 2);
        out.writeUInt32NoTag(length);
        out.flush();

        assertThatThrownBy(() -> produce.parse(new ByteArrayInputStream(bytes.toByteArray())))
                .isInstanceOf(StatusRuntimeException.class)
                .satisfies(e -> assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
        assertThat(buffers.allocated).hasValue(0);
    }

    @Test
    void shouldSayWhatWasTooLarge() {
        ByteString large = ByteString.copyFrom(new byte[LIMIT + 1]);
        byte[] message = ProduceRequest.newBuilder().setBatch(large).build().toByteArray();

        Optional<Error> error = Optional.empty();
        try {
            produce.parse(new ChunkedStream(message, new Random(1), true));
        } catch (StatusRuntimeException e) {
            error = ErrorReasons.fromThrowable(e);
        }

        assertThat(error).hasValueSatisfying(e -> {
            assertThat(e.getReason()).isEqualTo(ErrorReason.ERROR_REASON_MESSAGE_TOO_LARGE);
            assertThat(e.getMessage()).contains("100001", "100000");
        });
        assertThat(buffers.allocated).hasValue(0);
    }

    @Test
    void shouldCopyThePayloadIntoOneBufferOfItsExactSize() {
        ProduceRequest request = ProduceRequest.newBuilder()
                .setBatch(ByteString.copyFrom(new byte[65_537]))
                .build();

        ProduceBatch batch = produce.parse(new ChunkedStream(request.toByteArray(), new Random(3), true));

        assertThat(batch.batch().capacity()).isEqualTo(65_537);
        assertThat(batch.batch().isDirect()).isTrue();
        assertThat(buffers.allocated).hasValue(1);
        batch.release();
    }

    @Test
    void shouldKeepTheLastOfTwoPayloadsAndReleaseTheFirst() {
        byte[] first = ProduceRequest.newBuilder()
                .setBatch(ByteString.copyFromUtf8("first"))
                .build()
                .toByteArray();
        byte[] second = ProduceRequest.newBuilder()
                .setBatch(ByteString.copyFromUtf8("second"))
                .build()
                .toByteArray();

        ProduceBatch batch = produce.parse(new ByteArrayInputStream(Bytes.concat(first, second)));

        assertThat(batch.batch().toString(StandardCharsets.UTF_8)).isEqualTo("second");
        batch.release();
    }

    @Test
    void shouldTakeAnUnknownAcksAsUnrecognized() {
        byte[] message = ProduceRequest.newBuilder().setAcksValue(7).build().toByteArray();

        assertThat(produce.parse(new ByteArrayInputStream(message)).acks()).isEqualTo(Acks.UNRECOGNIZED);
    }

    @Test
    void shouldHoldThePayloadFromStreamToCloseAndNoLonger() throws IOException {
        ByteBuf payload = buffers.buffer(10).writeZero(10);
        InputStream stream = produce.stream(new ProduceBatch(1, new UUID(0, 1), 0, 0, Acks.ACKS_ALL, 0, payload));
        assertThat(payload.refCnt()).isEqualTo(2);

        payload.release();
        assertThat(stream.readAllBytes()).hasSizeGreaterThan(10);
        stream.close();
        stream.close();

        assertThat(payload.refCnt()).isZero();
    }

    /** Whether both took it; fails when they disagree. */
    private boolean parseAsGeneratedCodeDoes(long seed, byte[] message, Random random) {
        ProduceRequest expected;
        try {
            expected = ProduceRequest.parseFrom(message);
        } catch (InvalidProtocolBufferException e) {
            assertRefused(seed, produce, message, random);
            return false;
        }
        if (expected.getTopicId().size() != 16 && !isIdAbsent(expected)) {
            assertRefused(seed, produce, message, random);
            return false;
        }
        assertTakenOrTooLong(() -> {
            ProduceRequest actual = take(produce.parse(ChunkedStream.any(message, random)));
            assertThat(actual.getNumber()).as("seed %d", seed).isEqualTo(expected.getNumber());
            assertThat(actual.getBatch()).as("seed %d", seed).isEqualTo(expected.getBatch());
        });
        return true;
    }

    private void parseSubscribeAsGeneratedCodeDoes(long seed, byte[] message, Random random) {
        SubscribeResponse expected;
        try {
            expected = SubscribeResponse.parseFrom(message).toBuilder().build();
        } catch (InvalidProtocolBufferException e) {
            assertRefused(seed, subscribe, message, random);
            return;
        }
        assertTakenOrTooLong(() -> {
            SubscribeResponse actual = take(subscribe.parse(ChunkedStream.any(message, random)));
            assertThat(actual)
                    .as("seed %d", seed)
                    .isEqualTo(expected.toBuilder()
                            .setUnknownFields(UnknownFieldSet.getDefaultInstance())
                            .build());
        });
    }

    /** In one case protobuf-java takes what its own specification forbids: a tenth byte that is not a number's last. */
    private static void assertTakenOrTooLong(Runnable parse) {
        try {
            parse.run();
        } catch (StatusRuntimeException e) {
            assertThat(e).hasMessageContaining("a number of more than 10 bytes");
        }
    }

    private static boolean isIdAbsent(ProduceRequest request) {
        return request.getTopicId().isEmpty();
    }

    private static void assertRefused(long seed, Marshaller<?> marshaller, byte[] message, Random random) {
        assertThatThrownBy(() -> marshaller.parse(ChunkedStream.any(message, random)))
                .as("seed %d", seed)
                .isInstanceOf(StatusRuntimeException.class)
                .satisfies(e -> assertThat(ErrorReasons.fromThrowable(e)).isPresent());
    }

    private ByteBuf payload(ByteString bytes, Random random) {
        ByteBuf payload = random.nextBoolean() ? buffers.directBuffer() : buffers.heapBuffer();
        // Not from index 0: a chunk may be a part of something larger.
        return payload.writeZero(7).writeBytes(bytes.asReadOnlyByteBuffer()).skipBytes(7);
    }

    private ProduceBatch request(ProduceRequest r, Random random) {
        return new ProduceBatch(
                r.getNumber(),
                Uuids.fromBytes(r.getTopicId()),
                r.getPartition(),
                r.getLeaderEpoch(),
                r.getAcks(),
                r.getTimeoutMs(),
                payload(r.getBatch(), random));
    }

    private SubscribeBatches response(SubscribeResponse r, Random random) {
        return new SubscribeBatches(
                r.getSubscription(),
                r.hasError() ? r.getError() : null,
                r.getHighWatermark(),
                r.getLastStableOffset(),
                r.getLogStartOffset(),
                r.getLeaderEpoch(),
                r.getThrottleMs(),
                payload(r.getBatches(), random));
    }

    private static <T> byte[] write(Random random, Marshaller<T> marshaller, T message) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (InputStream stream = marshaller.stream(message)) {
            int size = stream.available();
            if (random.nextBoolean()) {
                assertThat(((Drainable) stream).drainTo(out)).isEqualTo(size);
            } else {
                out.writeBytes(stream.readNBytes(random.nextInt(size + 1)));
                out.writeBytes(stream.readAllBytes());
            }
            assertThat(out.size()).isEqualTo(size);
        }
        if (message instanceof ProduceBatch batch) {
            batch.release();
        } else if (message instanceof SubscribeBatches batches) {
            batches.release();
        }
        return out.toByteArray();
    }

    private static ProduceRequest take(ProduceBatch b) {
        ByteString batch = ByteString.copyFrom(ByteBufUtil.getBytes(b.batch()));
        b.release();
        return ProduceRequest.newBuilder()
                .setNumber(b.number())
                .setTopicId(Uuids.toBytes(b.topicId()))
                .setPartition(b.partition())
                .setLeaderEpoch(b.leaderEpoch())
                .setAcksValue(b.acks() == Acks.UNRECOGNIZED ? 99 : b.acks().getNumber())
                .setTimeoutMs(b.timeoutMs())
                .setBatch(batch)
                .build();
    }

    private static SubscribeResponse take(SubscribeBatches b) {
        SubscribeResponse.Builder builder = SubscribeResponse.newBuilder()
                .setSubscription(b.subscription())
                .setHighWatermark(b.highWatermark())
                .setLastStableOffset(b.lastStableOffset())
                .setLogStartOffset(b.logStartOffset())
                .setLeaderEpoch(b.leaderEpoch())
                .setThrottleMs(b.throttleMs())
                .setBatches(ByteString.copyFrom(ByteBufUtil.getBytes(b.batches())));
        if (b.error() != null) {
            builder.setError(b.error());
        }
        b.release();
        return builder.build();
    }
}
