// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.Drainable;
import io.grpc.StatusRuntimeException;
import io.netty.buffer.ByteBuf;
import io.varve.proto.ErrorReasons;
import io.varve.proto.internal.v1.Append;
import io.varve.proto.internal.v1.ExchangeRequest;
import io.varve.proto.internal.v1.FollowerMessage;
import io.varve.proto.internal.v1.Hello;
import io.varve.proto.internal.v1.Pulse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The frames between nodes against the generated class, both ways. Every test must leave no buffer open. */
class ExchangeMarshallerTest {
    private static final int LIMIT = 200_000;
    private static final int SEEDS = 1_000;

    private final CountingAllocator buffers = new CountingAllocator(true);
    private final ExchangeMarshaller marshaller = new ExchangeMarshaller(new PayloadReader(buffers, LIMIT), LIMIT);

    @AfterEach
    void shouldLeaveNoBufferOpen() {
        assertThat(buffers.openBytes()).isZero();
    }

    @Test
    void shouldReadWhatGeneratedCodeWrites() throws IOException {
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            ExchangeRequest request = request(random);
            byte[] bytes = request.toByteArray();

            ExchangeFrame frame = marshaller.parse(ChunkedStream.any(bytes, random));

            assertThat(generated(frame)).as("seed %d", seed).isEqualTo(request);
        }
    }

    @Test
    void shouldReadFieldsInAnyOrder() throws IOException {
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            byte[] bytes = RandomMessages.shuffled(request(random), random);
            ExchangeRequest expected = ExchangeRequest.parseFrom(bytes).toBuilder()
                    .setUnknownFields(UnknownFieldSet.getDefaultInstance())
                    .build();

            ExchangeFrame frame = marshaller.parse(ChunkedStream.any(bytes, random));

            assertThat(generated(frame)).as("seed %d", seed).isEqualTo(expected);
        }
    }

    @Test
    void shouldWriteByteForByteWhatGeneratedCodeWrites() throws IOException {
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            ExchangeRequest request = request(random);
            List<ByteBuf> batches = batches(request, random);
            ExchangeRequest head =
                    request.toBuilder().clearBatchBytes().clearPayload().build();
            ByteArrayOutputStream out = new ByteArrayOutputStream();

            try (InputStream stream = marshaller.stream(new ExchangeFrame(head, batches))) {
                batches.forEach(ByteBuf::release); // the stream has references of its own
                assertThat(stream.available()).isEqualTo(request.getSerializedSize());
                if (random.nextBoolean()) {
                    ((Drainable) stream).drainTo(out);
                } else {
                    out.writeBytes(stream.readNBytes(random.nextInt(stream.available() + 1)));
                    out.writeBytes(stream.readAllBytes());
                }
                assertThat(stream.available()).isZero();
            }

            assertThat(out.toByteArray()).as("seed %d", seed).isEqualTo(request.toByteArray());
        }
    }

    @Test
    void shouldGiveEachBatchABufferOfItsExactSize() {
        ExchangeRequest request = ExchangeRequest.newBuilder()
                .addBatchBytes(70)
                .addBatchBytes(65_537)
                .setPayload(ByteString.copyFrom(new byte[65_607]))
                .build();

        ExchangeFrame frame = marshaller.parse(new ChunkedStream(request.toByteArray(), new Random(1), true));

        assertThat(frame.batches()).extracting(ByteBuf::capacity).containsExactly(70, 65_537);
        assertThat(buffers.allocated).hasValue(2);
        frame.release();
    }

    @Test
    void shouldRefuseSizesThatDoNotFitThePayload() {
        for (int[] sizes :
                new int[][] {{10, 11}, {10, 9}, {20, 0}, {-5, 25}, {Integer.MAX_VALUE, Integer.MAX_VALUE}, {}}) {
            ExchangeRequest.Builder request =
                    ExchangeRequest.newBuilder().setPayload(ByteString.copyFrom(new byte[20]));
            for (int size : sizes) {
                request.addBatchBytes(size);
            }

            assertThatThrownBy(() -> marshaller.parse(
                            new ByteArrayInputStream(request.build().toByteArray())))
                    .isInstanceOf(StatusRuntimeException.class)
                    .hasMessageContaining("bytes");
        }
    }

    @Test
    void shouldTakeGarbageWithNothingButACleanStatus() {
        int refused = 0;
        for (long seed = 0; seed < 5 * SEEDS; seed++) {
            Random random = new Random(seed);
            byte[] bytes = RandomMessages.damaged(request(random).toByteArray(), random);
            try {
                marshaller.parse(ChunkedStream.any(bytes, random)).release();
            } catch (StatusRuntimeException e) {
                assertThat(ErrorReasons.fromThrowable(e)).as("seed %d", seed).isPresent();
                refused++;
            }
        }
        assertThat(refused).as("the damage is real").isGreaterThan(SEEDS / 2);
    }

    private static ExchangeRequest request(Random random) {
        ExchangeRequest.Builder request = ExchangeRequest.newBuilder();
        int kind = random.nextInt(4);
        if (kind == 0) {
            return request.setHello(
                            Hello.newBuilder().setNodeId(random.nextInt()).setStreamId(random.nextLong()))
                    .build();
        } else if (kind == 1) {
            return request.setPulse(
                            Pulse.newBuilder().setSentNanos(random.nextLong()).addCommits(message(random)))
                    .build();
        }
        ByteString.Output payload = ByteString.newOutput();
        for (int i = random.nextInt(5); i >= 0; i--) {
            request.addMessages(message(random));
            byte[] batch = new byte[1 + random.nextInt(random.nextBoolean() ? 100 : 30_000)];
            random.nextBytes(batch);
            payload.write(batch, 0, batch.length);
            request.addBatchBytes(batch.length);
        }
        return request.setPayload(payload.toByteString()).build();
    }

    private static FollowerMessage message(Random random) {
        return FollowerMessage.newBuilder()
                .setTopicId(ByteString.copyFrom(new byte[16]))
                .setPartition(random.nextInt(1000))
                .setSession(random.nextLong())
                .setAppend(Append.newBuilder().setBaseOffset(random.nextLong()).setHeadersCrc32C(random.nextInt()))
                .build();
    }

    private List<ByteBuf> batches(ExchangeRequest request, Random random) {
        List<ByteBuf> batches = new ArrayList<>();
        ByteString rest = request.getPayload();
        for (int size : request.getBatchBytesList()) {
            ByteBuf batch = random.nextBoolean() ? buffers.directBuffer() : buffers.heapBuffer();
            // Not from index 0: a chunk may be a part of something larger.
            batches.add(batch.writeZero(7)
                    .writeBytes(rest.substring(0, size).asReadOnlyByteBuffer())
                    .skipBytes(7));
            rest = rest.substring(size);
        }
        return batches;
    }

    private static ExchangeRequest generated(ExchangeFrame frame) throws IOException {
        ExchangeRequest.Builder request = frame.head().toBuilder();
        ByteString.Output payload = ByteString.newOutput();
        for (ByteBuf batch : frame.batches()) {
            request.addBatchBytes(batch.readableBytes());
            batch.readBytes(payload, batch.readableBytes());
        }
        frame.release();
        return request.setPayload(payload.toByteString()).build();
    }
}
