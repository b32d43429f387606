// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ClientCall;
import io.grpc.Status;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.varve.proto.Uuids;
import io.varve.proto.v1.AddCredit;
import io.varve.proto.v1.AddPartition;
import io.varve.proto.v1.ConsumeServiceGrpc;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.ListOffsetsRequest;
import io.varve.proto.v1.OffsetQuery;
import io.varve.proto.v1.RemovePartition;
import io.varve.proto.v1.SubscribeRequest;
import io.varve.record.BatchHeader;
import io.varve.replication.Acks;
import io.varve.replication.Append;
import io.varve.replication.AppendResult;
import io.varve.storage.Chunk;
import io.varve.transport.SubscribeBatches;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ConsumeGrpcServiceTest {
    private static final long MUCH = 1L << 40;

    @TempDir
    Path path;

    @Test
    void shouldDeliverWhatIsThereAndThenWhatComes() throws Exception {
        try (DataServer server = new DataServer(path)) {
            append(server, 0, 5, 100);
            Consumer consumer = new Consumer(server);
            consumer.add(1, 0, 0, MUCH);
            SubscribeBatches first = consumer.next();
            assertThat(first.subscription()).isEqualTo(1);
            assertThat(first.highWatermark()).isEqualTo(5);
            assertThat(first.lastStableOffset()).isEqualTo(5);
            assertThat(first.leaderEpoch()).isEqualTo(DataServer.EPOCH);
            assertThat(endOffset(first)).isEqualTo(5);
            append(server, 0, 2, 100);
            assertThat(endOffset(consumer.next())).isEqualTo(7);
            consumer.call.halfClose();
            assertThat(consumer.answers.status().getCode()).isEqualTo(Status.Code.OK);
        }
    }

    @Test
    void shouldTellTheNumbersWhenThereIsNothingToRead() throws Exception {
        try (DataServer server = new DataServer(path)) {
            append(server, 0, 5, 100);
            Consumer consumer = new Consumer(server);
            consumer.add(1, 0, 5, MUCH);
            SubscribeBatches numbers = consumer.next();
            assertThat(numbers.batches().readableBytes()).isZero();
            assertThat(numbers.highWatermark()).isEqualTo(5);
        }
    }

    @Test
    void shouldSendNoMoreThanTheCreditButAtLeastOneBatch() throws Exception {
        try (DataServer server = new DataServer(path)) {
            for (int i = 0; i < 10; i++) {
                append(server, 0, 1, 1_000);
            }
            Consumer consumer = new Consumer(server);
            consumer.add(1, 0, 0, 1);
            assertThat(endOffset(consumer.next())).isEqualTo(1);
            await().during(Duration.ofMillis(100)).until(() -> consumer.answers.waiting() == 0);
            consumer.credit(1, 5_000);
            long end = 0;
            while (end < 5) { // three that fit, and one that the rest lets through
                end = endOffset(consumer.next());
            }
            await().during(Duration.ofMillis(100)).until(() -> consumer.answers.waiting() == 0);
            assertThat(end).isEqualTo(5);
        }
    }

    @Test
    void shouldEndASubscriptionWithItsErrorAndKeepTheOthers() throws Exception {
        try (DataServer server = new DataServer(path)) {
            append(server, 0, 5, 10);
            Consumer consumer = new Consumer(server);
            consumer.add(1, new UUID(9, 9), 0, 0, MUCH);
            consumer.expect(1, ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_ID);
            consumer.add(2, 9, 0, MUCH);
            consumer.expect(2, ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION);
            consumer.add(3, 0, 6, MUCH);
            assertThat(consumer.expect(3, ErrorReason.ERROR_REASON_OFFSET_OUT_OF_RANGE))
                    .contains("0 to 5");
            consumer.add(4, 0, -1, MUCH);
            consumer.expect(4, ErrorReason.ERROR_REASON_INVALID_REQUEST);
            consumer.add(5, 0, 0, -1);
            consumer.expect(5, ErrorReason.ERROR_REASON_INVALID_REQUEST);
            consumer.credit(77, 5); // nobody's: ignored
            consumer.add(6, 0, 0, MUCH);
            assertThat(endOffset(consumer.next())).isEqualTo(5);
            server.partition(0).onMetadata(SoleNode.follows(DataServer.EPOCH + 1), SoleNode.ONE);
            consumer.expect(6, ErrorReason.ERROR_REASON_NOT_LEADER_OR_FOLLOWER);
        }
    }

    @Test
    void shouldSayWhereTheLogEndsForAReaderWhoseRecordsAreGone() throws Exception {
        try (DataServer server = new DataServer(path)) {
            append(server, 0, 5, 10);
            Consumer consumer = new Consumer(server);
            consumer.addAfter(1, 5, DataServer.EPOCH);
            assertThat(consumer.next().error()).isNull();
            // The record before offset 3 was read under an epoch that has no record here.
            consumer.addAfter(2, 3, DataServer.EPOCH - 1);
            assertThat(consumer.truncated(2)).isEqualTo("0");
            consumer.addAfter(3, 9, DataServer.EPOCH);
            assertThat(consumer.truncated(3)).isEqualTo("5");
        }
    }

    @Test
    void shouldEndTheStreamWhenASubscriptionNumberIsUsedTwice() {
        try (DataServer server = new DataServer(path)) {
            Consumer consumer = new Consumer(server);
            consumer.add(1, 0, 0, MUCH);
            consumer.add(1, 1, 0, MUCH);
            assertThat(consumer.answers.error().getMessage()).contains("subscription 1 exists");
        }
    }

    @Test
    void shouldSendNothingMoreForARemovedSubscription() throws Exception {
        try (DataServer server = new DataServer(path)) {
            Consumer consumer = new Consumer(server);
            consumer.add(1, 0, 0, MUCH);
            consumer.next();
            consumer.call.sendMessage(SubscribeRequest.newBuilder()
                    .setRemove(RemovePartition.newBuilder().setSubscription(1))
                    .build());
            consumer.add(2, 0, 0, MUCH);
            consumer.next(); // the remove was handled before
            append(server, 0, 5, 10);
            assertThat(consumer.next().subscription()).isEqualTo(2);
            await().during(Duration.ofMillis(50)).until(() -> consumer.answers.waiting() == 0);
        }
    }

    @Test
    void shouldBoundWhatAClientThatNeverReadsCostsAndThenDisconnectIt() throws Exception {
        DataServer.Setup setup = new DataServer.Setup();
        setup.tailBytes = 0; // what is held is held for readers
        setup.clientWindow = 64 << 10;
        setup.limits = setup.limits.withStallTimeout(Duration.ofMillis(1_500));
        try (DataServer server = new DataServer(path, setup)) {
            for (int i = 0; i < 80; i++) {
                append(server, 0, 1, 400 << 10);
            }
            Consumer deaf = new Consumer(server, 0);
            deaf.add(1, 0, 0, MUCH);
            Consumer healthy = new Consumer(server);
            healthy.add(1, 0, 0, MUCH);
            UnpooledByteBufAllocator counted = (UnpooledByteBufAllocator) server.nodeBuffers;
            long end = 0;
            long most = 0;
            while (end < 80) { // 32 MiB
                end = endOffset(healthy.next());
                most = Math.max(most, counted.metric().usedDirectMemory());
            }
            // a window, the batch that overshoots it, and what is being sent, for each of both
            assertThat(most).isLessThan(2 * (2L << 20) + (2L << 20));
            healthy.call.halfClose();
            await().until(() -> server.consume.openStreams() == 0);
            await().until(() -> counted.metric().usedDirectMemory() == 0);
        }
    }

    @Test
    void shouldReleaseEverythingWhenAClientDisconnectsInTheMiddle() throws Exception {
        DataServer.Setup setup = new DataServer.Setup();
        setup.clientWindow = 64 << 10;
        try (DataServer server = new DataServer(path, setup)) {
            for (int i = 0; i < 40; i++) {
                append(server, i % 2, 1, 100_000);
            }
            Consumer consumer = new Consumer(server, 2);
            consumer.add(1, 0, 0, MUCH);
            consumer.add(2, 1, 0, MUCH);
            consumer.next();
            consumer.call.cancel("gone", null);
            await().until(() -> server.consume.openStreams() == 0);
        }
    }

    @Test
    void shouldListOffsetsEachByItself() throws Exception {
        try (DataServer server = new DataServer(path)) {
            append(server, 0, 5, 10); // stamped 1000 to 1004
            var response = ConsumeServiceGrpc.newBlockingStub(server.channel)
                    .listOffsets(ListOffsetsRequest.newBuilder()
                            .addQueries(query(DataServer.NAME, 0).setBeginning(true))
                            .addQueries(query(DataServer.NAME, 0).setEnd(true))
                            .addQueries(query(DataServer.NAME, 0).setTimestampMs(1_002))
                            .addQueries(query(DataServer.NAME, 0).setTimestampMs(5_000))
                            .addQueries(query("nope", 0).setEnd(true))
                            .addQueries(query(DataServer.NAME, 9).setEnd(true))
                            .addQueries(query(DataServer.NAME, 0))
                            .build());
            var results = response.getResultsList();
            assertThat(results.stream().limit(4).map(r -> r.getOffset()).toList())
                    .containsExactly(0L, 5L, 2L, 5L);
            assertThat(results.stream().limit(4).map(r -> r.getTimestampMs()).toList())
                    .containsExactly(-1L, -1L, 1_002L, -1L);
            assertThat(results.stream()
                            .skip(4)
                            .map(r -> r.getError().getReason())
                            .toList())
                    .containsExactly(
                            ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION,
                            ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION,
                            ErrorReason.ERROR_REASON_INVALID_REQUEST);
        }
    }

    private static OffsetQuery.Builder query(String topic, int partition) {
        return OffsetQuery.newBuilder().setTopic(topic).setPartition(partition);
    }

    private static void append(DataServer server, int partition, int records, int valueBytes) throws Exception {
        byte[] batch = TestBatch.of(records, valueBytes);
        Chunk chunk = Chunk.of(PooledByteBufAllocator.DEFAULT
                .directBuffer(batch.length, batch.length)
                .writeBytes(batch));
        CompletableFuture<AppendResult> result = new CompletableFuture<>();
        server.partition(partition)
                .append(new Append(
                        chunk, Acks.ALL, 0, System.nanoTime() + TimeUnit.SECONDS.toNanos(10), result::complete));
        assertThat(result.get(10, TimeUnit.SECONDS)).isInstanceOf(AppendResult.Appended.class);
    }

    /** Also gives the message's buffer back. */
    private static long endOffset(SubscribeBatches message) {
        ByteBuffer bytes = message.batches().nioBuffer();
        long end = -1;
        for (int at = 0; at < bytes.limit(); at += BatchHeader.sizeInBytes(bytes, at)) {
            end = BatchHeader.nextOffset(bytes, at);
        }
        message.release();
        return end;
    }

    /** A subscribe stream as a client drives it. */
    private static final class Consumer {
        final ClientCall<SubscribeRequest, SubscribeBatches> call;
        final Answers<SubscribeBatches> answers;

        Consumer(DataServer server) {
            this(server, 1_000_000);
        }

        Consumer(DataServer server, int requests) {
            call = server.subscribeCall();
            answers = Answers.start(call, requests);
        }

        void add(int id, int partition, long offset, long credit) {
            add(id, DataServer.TOPIC, partition, offset, credit);
        }

        void add(int id, UUID topic, int partition, long offset, long credit) {
            call.sendMessage(SubscribeRequest.newBuilder()
                    .setAdd(AddPartition.newBuilder()
                            .setSubscription(id)
                            .setTopicId(Uuids.toBytes(topic))
                            .setPartition(partition)
                            .setOffset(offset)
                            .setCreditBytes(credit))
                    .build());
        }

        void addAfter(int id, long offset, int lastReadEpoch) {
            call.sendMessage(SubscribeRequest.newBuilder()
                    .setAdd(AddPartition.newBuilder()
                            .setSubscription(id)
                            .setTopicId(Uuids.toBytes(DataServer.TOPIC))
                            .setOffset(offset)
                            .setLastReadEpoch(lastReadEpoch)
                            .setCreditBytes(MUCH))
                    .build());
        }

        String truncated(int id) {
            SubscribeBatches message = next();
            assertThat(message.subscription()).isEqualTo(id);
            var error = message.error();
            return error != null && error.getReason() == ErrorReason.ERROR_REASON_LOG_TRUNCATED
                    ? error.getMetadataOrDefault("endOffset", "not said")
                    : "error " + error;
        }

        void credit(int id, long bytes) {
            call.sendMessage(SubscribeRequest.newBuilder()
                    .setCredit(AddCredit.newBuilder().setSubscription(id).setBytes(bytes))
                    .build());
        }

        SubscribeBatches next() {
            return answers.next();
        }

        String expect(int id, ErrorReason reason) {
            SubscribeBatches message = next();
            assertThat(message.subscription()).isEqualTo(id);
            assertThat(message.batches()).isEqualTo(Unpooled.EMPTY_BUFFER);
            var error = message.error();
            assertThat(error).isNotNull();
            if (error == null) {
                return "";
            }
            assertThat(error.getReason()).isEqualTo(reason);
            return error.getMessage();
        }
    }
}
