// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.Acks;
import io.varve.proto.v1.AppendRequest;
import io.varve.proto.v1.AppendResponse;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.NewRecord;
import io.varve.proto.v1.ReadRequest;
import io.varve.proto.v1.ReadResponse;
import io.varve.proto.v1.RecordHeader;
import io.varve.proto.v1.RecordServiceGrpc;
import io.varve.proto.v1.RecordServiceGrpc.RecordServiceBlockingStub;
import io.varve.proto.v1.StoredRecord;
import io.varve.record.Murmur2;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RecordGrpcServiceTest {
    @TempDir
    Path path;

    @Test
    void shouldGiveBackWhatWasAppendedWithKeysHeadersAndNulls() {
        try (DataServer server = new DataServer(path)) {
            RecordServiceBlockingStub stub = RecordServiceGrpc.newBlockingStub(server.channel);
            AppendResponse appended = stub.append(AppendRequest.newBuilder()
                    .setTopic(DataServer.NAME)
                    .setPartition(1)
                    .addRecords(NewRecord.newBuilder()
                            .setKeyText("k")
                            .setValueBytes(ByteString.copyFromUtf8("v"))
                            .setTimestampMs(77)
                            .addHeaders(RecordHeader.newBuilder().setKey("h").setValue(ByteString.copyFromUtf8("x")))
                            .addHeaders(RecordHeader.newBuilder().setKey("none")))
                    .addRecords(NewRecord.newBuilder().setTimestampMs(78))
                    .build());
            assertThat(appended.getPartition()).isEqualTo(1);
            assertThat(appended.getBaseOffset()).isZero();
            ReadResponse read = stub.read(ReadRequest.newBuilder()
                    .setTopic(DataServer.NAME)
                    .setPartition(1)
                    .build());
            assertThat(read.getHighWatermark()).isEqualTo(2);
            assertThat(read.getNextOffset()).isEqualTo(2);
            StoredRecord first = read.getRecords(0);
            assertThat(first.getKey().toStringUtf8()).isEqualTo("k");
            assertThat(first.getValue().toStringUtf8()).isEqualTo("v");
            assertThat(first.getTimestampMs()).isEqualTo(77);
            assertThat(first.getLeaderEpoch()).isEqualTo(DataServer.EPOCH);
            assertThat(first.getHeaders(0).getValue().toStringUtf8()).isEqualTo("x");
            assertThat(first.getHeaders(1).hasValue()).isFalse();
            StoredRecord second = read.getRecords(1);
            assertThat(second.hasKey()).isFalse();
            assertThat(second.hasValue()).isFalse();
        }
    }

    @Test
    void shouldChooseThePartitionByKeyOrInTurn() {
        try (DataServer server = new DataServer(path)) {
            RecordServiceBlockingStub stub = RecordServiceGrpc.newBlockingStub(server.channel);
            for (String key : new String[] {"a", "b", "c", "d"}) {
                int expected = Murmur2.partitionOf(key.getBytes(StandardCharsets.UTF_8), DataServer.PARTITIONS);
                assertThat(stub.append(request("v").toBuilder()
                                        .setRecords(0, NewRecord.newBuilder().setKeyText(key))
                                        .build())
                                .getPartition())
                        .isEqualTo(expected);
            }
            int first = stub.append(request("x")).getPartition();
            assertThat(stub.append(request("y")).getPartition()).isNotEqualTo(first);
        }
    }

    @Test
    void shouldPassOnWhatAnotherNodeLeadsUnlessToldNotTo() {
        try (DataServer server = new DataServer(path)) {
            RecordServiceBlockingStub stub = RecordServiceGrpc.newBlockingStub(server.channel);
            server.leads = 2;
            AppendResponse appended = stub.append(request("v"));
            ReadRequest read = ReadRequest.newBuilder()
                    .setTopic(DataServer.NAME)
                    .setPartition(appended.getPartition())
                    .build();
            assertThat(stub.read(read).getRecords(0).getValue().toStringUtf8()).isEqualTo("v");
            server.leaderReached = false;
            assertThatThrownBy(() -> stub.append(request("w")))
                    .hasMessageContaining("node 1 could not pass this on to the leader, node 2");
            assertThatThrownBy(() -> stub.read(read)).hasMessageContaining("its address is not known");
            // Not passed on: what this node says by itself.
            assertThat(stub.read(read.toBuilder().setAllowForward(false).build())
                            .getRecordsCount())
                    .isEqualTo(1);
            stub.append(request("x").toBuilder().setAllowForward(false).build());
        }
    }

    @Test
    void shouldReadFromTheMiddleAndStopAtItsLimits() {
        try (DataServer server = new DataServer(path)) {
            RecordServiceBlockingStub stub = RecordServiceGrpc.newBlockingStub(server.channel);
            AppendRequest.Builder ten =
                    AppendRequest.newBuilder().setTopic(DataServer.NAME).setPartition(0);
            for (int i = 0; i < 10; i++) {
                ten.addRecords(NewRecord.newBuilder().setValueText("v" + i));
            }
            stub.append(ten.build());
            ReadRequest.Builder read =
                    ReadRequest.newBuilder().setTopic(DataServer.NAME).setOffset(3);
            ReadResponse three = stub.read(read.setMaxRecords(3).build());
            assertThat(three.getRecordsList().stream()
                            .map(r -> r.getValue().toStringUtf8())
                            .toList())
                    .containsExactly("v3", "v4", "v5");
            assertThat(three.getNextOffset()).isEqualTo(6);
            ReadResponse small = stub.read(read.setMaxRecords(0).setMaxBytes(1).build());
            assertThat(small.getRecordsCount()).isEqualTo(1);
            ReadResponse end = stub.read(read.setOffset(10).build());
            assertThat(end.getRecordsCount()).isZero();
            assertThat(end.getNextOffset()).isEqualTo(10);
        }
    }

    @Test
    void shouldWaitForTheFirstRecordAndNotBeyondItsTime() throws Exception {
        try (DataServer server = new DataServer(path)) {
            RecordServiceBlockingStub stub = RecordServiceGrpc.newBlockingStub(server.channel);
            ReadRequest patient = ReadRequest.newBuilder()
                    .setTopic(DataServer.NAME)
                    .setMaxWaitMs(20_000)
                    .build();
            CompletableFuture<ReadResponse> waiting = CompletableFuture.supplyAsync(() -> stub.read(patient));
            assertThat(stub.read(patient.toBuilder().setMaxWaitMs(100).build()).getRecordsCount())
                    .isZero();
            // the caller's deadline is shorter than its wait: an answer comes all the same
            assertThat(stub.withDeadlineAfter(3, TimeUnit.SECONDS).read(patient).getRecordsCount())
                    .isZero();
            assertThat(waiting).isNotDone();
            stub.append(request("now").toBuilder().setPartition(0).build());
            assertThat(waiting.get(10, TimeUnit.SECONDS)
                            .getRecords(0)
                            .getValue()
                            .toStringUtf8())
                    .isEqualTo("now");
        }
    }

    @Test
    void shouldRefuseMistakesWithTheirReason() {
        try (DataServer server = new DataServer(path)) {
            RecordServiceBlockingStub stub = RecordServiceGrpc.newBlockingStub(server.channel);
            AppendRequest good = request("v");
            expect(
                    ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION,
                    () -> stub.append(good.toBuilder().setTopic("nope").build()));
            expect(
                    ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION,
                    () -> stub.append(good.toBuilder().setPartition(9).build()));
            expect(
                    ErrorReason.ERROR_REASON_INVALID_REQUEST,
                    () -> stub.append(good.toBuilder().clearRecords().build()));
            expect(
                    ErrorReason.ERROR_REASON_INVALID_REQUIRED_ACKS,
                    () -> stub.append(good.toBuilder().setAcksValue(7).build()));
            expect(
                    ErrorReason.ERROR_REASON_MESSAGE_TOO_LARGE,
                    () -> stub.append(request("v".repeat(DataServer.TOPIC_MAX_BATCH))));
            server.diskFull = "the disk has 1 byte free";
            expect(ErrorReason.ERROR_REASON_DISK_FULL, () -> stub.append(good));
            ReadRequest read =
                    ReadRequest.newBuilder().setTopic(DataServer.NAME).build();
            expect(
                    ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION,
                    () -> stub.read(read.toBuilder().setTopic("nope").build()));
            expect(
                    ErrorReason.ERROR_REASON_OFFSET_OUT_OF_RANGE,
                    () -> stub.read(read.toBuilder().setOffset(5).build()));
            expect(
                    ErrorReason.ERROR_REASON_INVALID_REQUEST,
                    () -> stub.read(read.toBuilder().setOffset(-5).build()));
            expect(
                    ErrorReason.ERROR_REASON_INVALID_REQUEST,
                    () -> stub.read(read.toBuilder().setMaxBytes(-5).build()));
        }
    }

    @Test
    void shouldAnswerAcksNoneWithoutAnOffset() {
        try (DataServer server = new DataServer(path)) {
            RecordServiceBlockingStub stub = RecordServiceGrpc.newBlockingStub(server.channel);
            assertThat(stub.append(request("v").toBuilder()
                                    .setAcks(Acks.ACKS_NONE)
                                    .build())
                            .getBaseOffset())
                    .isEqualTo(-1);
        }
    }

    @Test
    void shouldAnswerIndeterminateWhenTheCallersDeadlineComesFirst() {
        try (DataServer server = new DataServer(path)) {
            RecordServiceBlockingStub stub = RecordServiceGrpc.newBlockingStub(server.channel);
            server.stopDisk();
            assertThatThrownBy(() ->
                            stub.withDeadlineAfter(300, TimeUnit.MILLISECONDS).append(request("v")))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
        }
    }

    private static AppendRequest request(String value) {
        return AppendRequest.newBuilder()
                .setTopic(DataServer.NAME)
                .addRecords(NewRecord.newBuilder().setValueText(value))
                .build();
    }

    private static void expect(ErrorReason reason, ThrowingCallable call) {
        assertThatThrownBy(call).satisfies(failure -> {
            Error error = ErrorReasons.fromThrowable(failure).orElseThrow(() -> new AssertionError(failure));
            assertThat(error.getReason()).isEqualTo(reason);
        });
    }
}
