// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ClientCall;
import io.grpc.Status;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.varve.proto.v1.Acks;
import io.varve.proto.v1.BatchResult;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.InitProducerRequest;
import io.varve.proto.v1.Outcome;
import io.varve.proto.v1.ProduceResponse;
import io.varve.proto.v1.ProduceServiceGrpc;
import io.varve.transport.ProduceBatch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ProduceGrpcServiceTest {
    @TempDir
    Path path;

    @Test
    void shouldAnswerEveryBatchWithItsNumberAndOffset() {
        try (DataServer server = new DataServer(path)) {
            Producer producer = new Producer(server);
            for (int i = 0; i < 200; i++) {
                producer.send(i % 2, Acks.ACKS_ALL, TestBatch.of(3, 100));
            }
            Map<Long, Long> offsets = new HashMap<>();
            for (int i = 0; i < 200; i++) {
                BatchResult result = producer.result();
                assertThat(result.hasError()).isFalse();
                assertThat(result.getLogAppendTimeMs()).isEqualTo(-1);
                offsets.put(result.getNumber(), result.getBaseOffset());
            }
            for (int i = 0; i < 200; i++) {
                assertThat(offsets).containsEntry(i + 1L, i / 2 * 3L);
            }
            producer.call.halfClose();
            assertThat(producer.answers.status().getCode()).isEqualTo(Status.Code.OK);
        }
    }

    @Test
    void shouldRefuseWhatIsWrongBatchByBatchAndGoOn() {
        try (DataServer server = new DataServer(path)) {
            Producer producer = new Producer(server);
            byte[] good = TestBatch.of(1, 10);
            producer.send(new UUID(9, 9), 0, 0, Acks.ACKS_ALL, 0, good);
            producer.expect(ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_ID);
            producer.send(DataServer.PARTITIONS, Acks.ACKS_ALL, good);
            producer.expect(ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION);
            producer.send(-1, Acks.ACKS_ALL, good);
            producer.expect(ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION);
            producer.send(0, Acks.ACKS_UNSPECIFIED, good);
            producer.expect(ErrorReason.ERROR_REASON_INVALID_REQUIRED_ACKS);
            producer.send(0, Acks.ACKS_LEADER, TestBatch.idempotent(1, (short) 0, 0, 1, 10));
            producer.expect(ErrorReason.ERROR_REASON_INVALID_REQUIRED_ACKS);
            producer.send(DataServer.TOPIC, 0, 0, Acks.ACKS_ALL, -5, good);
            producer.expect(ErrorReason.ERROR_REASON_INVALID_REQUEST);
            producer.send(DataServer.TOPIC, 0, DataServer.EPOCH - 1, Acks.ACKS_ALL, 0, good);
            producer.expect(ErrorReason.ERROR_REASON_FENCED_LEADER_EPOCH);
            producer.send(DataServer.TOPIC, 0, DataServer.EPOCH + 1, Acks.ACKS_ALL, 0, good);
            producer.expect(ErrorReason.ERROR_REASON_UNKNOWN_LEADER_EPOCH);
            producer.send(0, Acks.ACKS_ALL, flipped(good, good.length - 1, 1));
            producer.expect(ErrorReason.ERROR_REASON_CORRUPT_MESSAGE);
            producer.send(0, Acks.ACKS_ALL, flipped(good, 16, 1)); // the format version
            producer.expect(ErrorReason.ERROR_REASON_INVALID_RECORD);
            producer.send(0, Acks.ACKS_ALL, new byte[0]);
            producer.expect(ErrorReason.ERROR_REASON_CORRUPT_MESSAGE);
            producer.send(0, Acks.ACKS_ALL, TestBatch.of(1, DataServer.TOPIC_MAX_BATCH));
            assertThat(producer.expect(ErrorReason.ERROR_REASON_MESSAGE_TOO_LARGE)
                            .getError()
                            .getMessage())
                    .contains("orders-0")
                    .contains(Integer.toString(DataServer.TOPIC_MAX_BATCH));
            producer.send(0, Acks.ACKS_ALL, TestBatch.idempotent(1, (short) 0, 7, 1, 10));
            producer.expect(ErrorReason.ERROR_REASON_UNKNOWN_PRODUCER_ID);
            server.diskFull = "the disk has 1 byte free";
            producer.send(0, Acks.ACKS_ALL, good);
            producer.expect(ErrorReason.ERROR_REASON_DISK_FULL);
            server.diskFull = null;
            producer.send(0, Acks.ACKS_ALL, good);
            assertThat(producer.result().getBaseOffset()).isZero();
        }
    }

    @Test
    void shouldSayHowToGoOnWhenTheDiskIsFull() {
        try (DataServer server = new DataServer(path)) {
            Producer producer = new Producer(server);
            server.diskFull = "node 1: the disk of /data has 1 bytes free";
            producer.send(0, Acks.ACKS_ALL, TestBatch.of(1, 10));
            var error = producer.expect(ErrorReason.ERROR_REASON_DISK_FULL).getError();
            assertThat(error.getMessage()).contains("/data");
            assertThat(error.getHint()).contains("retention");
        }
    }

    @Test
    void shouldAskProducersToWaitAndReadNoFurtherMeanwhileAsTheDiskFills() {
        try (DataServer server = new DataServer(path)) {
            server.throttleMillis = 3_600_000;
            Producer producer = new Producer(server);
            producer.send(0, Acks.ACKS_ALL, TestBatch.of(1, 10));
            ProduceResponse answer = producer.answers.next();
            assertThat(answer.getThrottleMs()).isEqualTo(3_600_000);

            for (int i = 0; i < 40; i++) { // a client that does not wait
                producer.send(0, Acks.ACKS_ALL, TestBatch.of(1, 10));
            }
            int granted = producer.answers.next().getResultsCount();
            for (int i = 0; i < 50; i++) { // long enough for forty batches, if they were read
                ProduceServiceGrpc.newBlockingStub(server.channel)
                        .initProducer(InitProducerRequest.getDefaultInstance());
            }
            while (producer.answers.waiting() > 0) {
                granted += producer.answers.next().getResultsCount();
            }
            assertThat(granted).isLessThanOrEqualTo(ProduceStream.GROUP);
        }
    }

    @Test
    void shouldReadOnWhenTheWaitIsOver() {
        try (DataServer server = new DataServer(path)) {
            server.throttleMillis = 5;
            Producer producer = new Producer(server);
            for (int i = 0; i < 60; i++) {
                producer.send(0, Acks.ACKS_ALL, TestBatch.of(1, 10));
            }
            for (int i = 0; i < 60; i++) {
                assertThat(producer.result().getBaseOffset()).isEqualTo(i);
            }
        }
    }

    @Test
    void shouldEndTheStreamWhenANumberIsNotTheNext() {
        try (DataServer server = new DataServer(path)) {
            Producer producer = new Producer(server);
            producer.nextNumber = 2;
            producer.send(0, Acks.ACKS_ALL, TestBatch.of(1, 10));
            var error = producer.answers.error();
            assertThat(error.getReason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_REQUEST);
            assertThat(error.getMessage()).contains("batch number 2, expected 1");
            assertThat(error.getOutcome()).isEqualTo(Outcome.OUTCOME_INDETERMINATE);
        }
    }

    @Test
    void shouldTellAcksNoneOnlyOfFailures() {
        try (DataServer server = new DataServer(path)) {
            Producer producer = new Producer(server);
            for (int i = 0; i < 50; i++) {
                producer.send(0, Acks.ACKS_NONE, TestBatch.of(2, 100));
            }
            producer.send(7, Acks.ACKS_NONE, TestBatch.of(2, 100));
            producer.expect(ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION);
            producer.send(0, Acks.ACKS_ALL, TestBatch.of(2, 100));
            BatchResult result = producer.result();
            assertThat(result.getNumber()).isEqualTo(52);
            assertThat(result.getBaseOffset()).isEqualTo(100);
        }
    }

    @Test
    void shouldReturnTheOffsetOfTheOriginalForADuplicate() {
        try (DataServer server = new DataServer(path)) {
            Producer producer = new Producer(server);
            byte[] batch = TestBatch.idempotent(7, (short) 0, 0, 4, 10);
            for (int i = 0; i < 3; i++) {
                producer.send(1, Acks.ACKS_ALL, batch);
            }
            for (int i = 0; i < 3; i++) {
                assertThat(producer.result().getBaseOffset()).isZero();
            }
            assertThat(server.partition(1).highWatermark()).isEqualTo(4);
        }
    }

    @Test
    void shouldStopReadingWhenTheDiskDoesNotKeepUpAndGoOnWhenItDoes() {
        DataServer.Setup setup = new DataServer.Setup();
        setup.limits = setup.limits.withStreamBytes(1 << 20);
        try (DataServer server = new DataServer(path, setup)) {
            Producer producer = new Producer(server);
            server.stopDisk();
            byte[] batch = TestBatch.of(1, 256 << 10);
            int batches = 100;
            for (int i = 0; i < batches; i++) {
                producer.send(0, Acks.ACKS_ALL, batch);
            }
            await().until(() -> server.budget.takenBytes() >= setup.limits.streamBytes());
            await().during(Duration.ofMillis(200))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> server.budget.takenBytes()
                            <= setup.limits.streamBytes() + (long) ProduceStream.GROUP * batch.length);
            server.resumeDisk();
            for (int i = 0; i < batches; i++) {
                assertThat(producer.result().getBaseOffset()).isEqualTo(i);
            }
        }
    }

    @Test
    void shouldShareTheNodesBudgetAmongStreams() {
        DataServer.Setup setup = new DataServer.Setup();
        setup.budgetBytes = 1 << 20;
        try (DataServer server = new DataServer(path, setup)) {
            server.stopDisk();
            Producer first = new Producer(server);
            Producer second = new Producer(server);
            byte[] batch = TestBatch.of(1, 128 << 10);
            for (int i = 0; i < 60; i++) {
                first.send(0, Acks.ACKS_ALL, batch);
                second.send(1, Acks.ACKS_ALL, batch);
            }
            await().until(() -> !server.budget.hasRoom());
            assertThat(server.budget.takenBytes())
                    .isLessThanOrEqualTo(setup.budgetBytes + 2L * ProduceStream.GROUP * batch.length);
            server.resumeDisk();
            for (int i = 0; i < 60; i++) {
                assertThat(first.result().getBaseOffset()).isEqualTo(i);
                assertThat(second.result().getBaseOffset()).isEqualTo(i);
            }
        }
    }

    @Test
    void shouldNotReadAndThenDisconnectAClientThatNeverReadsItsResults() {
        DataServer.Setup setup = new DataServer.Setup();
        setup.clientWindow = 64 << 10;
        setup.limits = setup.limits.withStallTimeout(Duration.ofMillis(500));
        try (DataServer server = new DataServer(path, setup)) {
            Producer deaf = new Producer(server, 0);
            byte[] batch = TestBatch.of(1, 1);
            for (int i = 0; i < 20_000; i++) {
                deaf.send(0, Acks.ACKS_ALL, batch);
            }
            await().until(() -> server.partition(0).highWatermark() > 2_000);
            Producer other = new Producer(server);
            other.send(1, Acks.ACKS_ALL, batch);
            assertThat(other.result().hasError()).isFalse(); // it costs nobody else anything
            await().until(() -> server.produce.openStreams() == 1);
            assertThat(server.partition(0).highWatermark()).isLessThan(20_000);
            deaf.call.request(1_000_000);
            assertThat(deaf.answers.error().getMessage()).contains("not read for");
        }
    }

    @Test
    void shouldReleaseEverythingWhenAClientDisconnectsInTheMiddle() {
        try (DataServer server = new DataServer(path)) {
            server.stopDisk();
            Producer producer = new Producer(server);
            for (int i = 0; i < 50; i++) {
                producer.send(0, Acks.ACKS_ALL, TestBatch.of(10, 1_000));
            }
            await().until(() -> server.budget.takenBytes() > 0);
            producer.call.cancel("gone", null);
            await().until(() -> server.produce.openStreams() == 0);
            server.resumeDisk();
            await().until(() -> server.budget.takenBytes() == 0);
        }
    }

    @Test
    void shouldEndStreamsIndeterminateWhenTheNodeShutsDown() {
        try (DataServer server = new DataServer(path)) {
            Producer producer = new Producer(server);
            producer.send(0, Acks.ACKS_ALL, TestBatch.of(1, 10));
            producer.result();
            server.produce.close();
            var error = producer.answers.error();
            assertThat(error.getReason()).isEqualTo(ErrorReason.ERROR_REASON_NETWORK_EXCEPTION);
            assertThat(error.getOutcome()).isEqualTo(Outcome.OUTCOME_INDETERMINATE);
        }
    }

    @Test
    void shouldGiveOutProducerIds() {
        try (DataServer server = new DataServer(path)) {
            var stub = ProduceServiceGrpc.newBlockingStub(server.channel);
            var request = InitProducerRequest.getDefaultInstance();
            assertThat(stub.initProducer(request).getProducerId()).isEqualTo(1000);
            assertThat(stub.initProducer(request).getProducerId()).isEqualTo(1001);
        }
    }

    private static byte[] flipped(byte[] batch, int at, int bit) {
        byte[] copy = batch.clone();
        copy[at] ^= (byte) bit;
        return copy;
    }

    /** A produce stream as a client drives it. */
    private static final class Producer {
        final ClientCall<ProduceBatch, ProduceResponse> call;
        final Answers<ProduceResponse> answers;
        long nextNumber = 1;
        private final Queue<BatchResult> results = new ArrayDeque<>();

        Producer(DataServer server) {
            this(server, 1_000_000);
        }

        Producer(DataServer server, int requests) {
            call = server.produceCall();
            answers = Answers.start(call, requests);
        }

        void send(int partition, Acks acks, byte[] batch) {
            send(DataServer.TOPIC, partition, 0, acks, 0, batch);
        }

        void send(UUID topic, int partition, int leaderEpoch, Acks acks, int timeoutMs, byte[] batch) {
            ByteBuf bytes = Unpooled.wrappedBuffer(batch);
            call.sendMessage(new ProduceBatch(nextNumber++, topic, partition, leaderEpoch, acks, timeoutMs, bytes));
        }

        BatchResult result() {
            if (results.isEmpty()) {
                results.addAll(answers.next().getResultsList());
            }
            return results.remove();
        }

        BatchResult expect(ErrorReason reason) {
            BatchResult result = result();
            assertThat(result.getError().getReason()).isEqualTo(reason);
            assertThat(result.getNumber()).isEqualTo(nextNumber - 1);
            assertThat(result.getError().getOutcome()).isEqualTo(Outcome.OUTCOME_NOT_APPLIED);
            return result;
        }
    }
}
