// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.StatusRuntimeException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.AppendRequest;
import io.varve.proto.v1.AppendResponse;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.NewRecord;
import io.varve.proto.v1.Outcome;
import io.varve.record.BatchBuilder;
import io.varve.record.Codec;
import io.varve.record.Murmur2;
import io.varve.record.RecordHeader;
import io.varve.replication.Acks;
import io.varve.replication.Append;
import io.varve.replication.AppendResult;
import io.varve.replication.Partition;
import io.varve.storage.Chunk;
import io.varve.storage.LogId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Makes one batch of the records of an {@code Append} call and appends it. A refusal is a {@link StatusRuntimeException}. *Thread-safe.* */
final class UnaryAppend {
    private final PartitionLookup lookup;
    private final BatchIntake intake;
    private final AppendGate gate;
    private final ByteBudget budget;
    private final ByteBufAllocator allocator;
    private final DataLimits limits;
    private final AtomicInteger roundRobin = new AtomicInteger();

    UnaryAppend(DataPlane plane) {
        this.lookup = plane.lookup();
        this.intake = new BatchIntake(plane);
        this.gate = plane.gate();
        this.budget = plane.budget();
        this.allocator = plane.allocator();
        this.limits = plane.limits();
    }

    /** Completes on the partition's loop. */
    CompletableFuture<AppendResponse> append(AppendRequest request) {
        Acks acks = acks(request);
        PartitionLookup.Topic topic = lookup.topic(request.getTopic());
        if (topic == null) {
            throw ErrorReasons.toStatus(lookup.whyNoTopic(request.getTopic()));
        }
        if (request.getRecordsCount() == 0) {
            throw refused(ErrorReason.ERROR_REASON_INVALID_REQUEST, "topic " + topic.name() + ": no records to append");
        }
        int number = partitionOf(request, topic);
        Partition partition = lookup.find(topic.id(), number);
        if (partition == null) {
            throw ErrorReasons.toStatus(lookup.whyMissing(topic.id(), number));
        }
        if (!budget.hasRoom()) {
            throw refused(
                    ErrorReason.ERROR_REASON_THROTTLING_QUOTA_EXCEEDED,
                    "the node has " + budget.takenBytes() + " bytes of unacknowledged batches");
        }
        return append(partition, number, batch(request, partition), acks);
    }

    private CompletableFuture<AppendResponse> append(Partition partition, int number, ByteBuffer batch, Acks acks) {
        int size = batch.remaining();
        ByteBuf bytes = allocator.directBuffer(size, size).writeBytes(batch);
        Error refusal = intake.check(partition, bytes);
        if (refusal != null) {
            bytes.release();
            throw ErrorReasons.toStatus(refusal);
        }
        budget.take(size);
        CompletableFuture<AppendResponse> response = new CompletableFuture<>();
        partition.append(new Append(Chunk.of(bytes), acks, Append.ANY_EPOCH, deadlineNanos(), result -> {
            budget.give(size);
            if (acks != Acks.NONE) {
                complete(response, partition.id(), result);
            }
        }));
        if (acks == Acks.NONE) {
            response.complete(AppendResponse.newBuilder()
                    .setPartition(number)
                    .setBaseOffset(-1)
                    .setThrottleMs(gate.throttleMillis())
                    .build());
        }
        return response;
    }

    private void complete(CompletableFuture<AppendResponse> response, LogId id, AppendResult result) {
        if (result instanceof AppendResult.Appended appended) {
            response.complete(AppendResponse.newBuilder()
                    .setPartition(id.partition())
                    .setBaseOffset(appended.baseOffset())
                    .setThrottleMs(gate.throttleMillis())
                    .build());
        } else if (result instanceof AppendResult.Rejected rejected) {
            response.completeExceptionally(ErrorReasons.toStatus(
                    StatusMapper.withLeader(StatusMapper.of(rejected), lookup, id.topicId(), id.partition())));
        } else if (result instanceof AppendResult.Indeterminate unknown) {
            response.completeExceptionally(ErrorReasons.toStatus(StatusMapper.of(unknown)));
        }
    }

    private static Acks acks(AppendRequest request) {
        if (request.getAcks() == io.varve.proto.v1.Acks.ACKS_UNSPECIFIED) {
            return Acks.ALL;
        }
        Acks acks = BatchIntake.acks(request.getAcks());
        if (acks == null) {
            throw refused(
                    ErrorReason.ERROR_REASON_INVALID_REQUIRED_ACKS,
                    "topic " + request.getTopic() + ": acks " + request.getAcksValue()
                            + " is none of 1 (NONE), 2 (LEADER), 3 (ALL)");
        }
        return acks;
    }

    int partitionOf(AppendRequest request, PartitionLookup.Topic topic) {
        if (request.hasPartition()) {
            return request.getPartition();
        }
        ByteString key = key(request.getRecords(0));
        return key == null
                ? Math.floorMod(roundRobin.getAndIncrement(), topic.partitions())
                : Murmur2.partitionOf(key.toByteArray(), topic.partitions());
    }

    private ByteBuffer batch(AppendRequest request, Partition partition) {
        BatchBuilder builder = new BatchBuilder(Codec.NONE, partition.maxBatchBytes());
        long now = System.currentTimeMillis();
        for (NewRecord fresh : request.getRecordsList()) {
            boolean fits = builder.tryAppend(
                    fresh.hasTimestampMs() ? fresh.getTimestampMs() : now,
                    buffer(key(fresh)),
                    buffer(value(fresh)),
                    headers(fresh));
            if (!fits) {
                throw tooLarge(partition, builder.estimatedSizeBytes() + fresh.getSerializedSize());
            }
        }
        return builder.build();
    }

    private static StatusRuntimeException tooLarge(Partition partition, int sizeBytes) {
        return ErrorReasons.toStatus(ErrorReasons.error(
                ErrorReason.ERROR_REASON_MESSAGE_TOO_LARGE,
                "partition " + partition.name() + ": a batch of at least " + sizeBytes + " bytes, the limit is "
                        + partition.maxBatchBytes(),
                "send fewer or smaller records per call, or raise max.message.bytes of the topic",
                Outcome.OUTCOME_NOT_APPLIED,
                Map.of("limit", Integer.toString(partition.maxBatchBytes()))));
    }

    private static @Nullable ByteString key(NewRecord fresh) {
        return switch (fresh.getKeyCase()) {
            case KEY_BYTES -> fresh.getKeyBytes();
            case KEY_TEXT -> fresh.getKeyTextBytes();
            case KEY_NOT_SET -> null;
        };
    }

    private static @Nullable ByteString value(NewRecord fresh) {
        return switch (fresh.getValueCase()) {
            case VALUE_BYTES -> fresh.getValueBytes();
            case VALUE_TEXT -> fresh.getValueTextBytes();
            case VALUE_NOT_SET -> null;
        };
    }

    private static List<RecordHeader> headers(NewRecord fresh) {
        List<RecordHeader> headers = new ArrayList<>(fresh.getHeadersCount());
        for (io.varve.proto.v1.RecordHeader header : fresh.getHeadersList()) {
            headers.add(RecordHeader.of(
                    header.getKey(), header.hasValue() ? header.getValue().toByteArray() : null));
        }
        return headers;
    }

    private static @Nullable ByteBuffer buffer(@Nullable ByteString bytes) {
        return bytes == null ? null : bytes.asReadOnlyByteBuffer();
    }

    private long deadlineNanos() {
        Deadline deadline = Context.current().getDeadline();
        long left = deadline == null
                ? limits.defaultTimeout().toNanos()
                : Math.min(deadline.timeRemaining(TimeUnit.NANOSECONDS), DataLimits.TIMEOUT_MAX.toNanos());
        return System.nanoTime() + left;
    }

    private static StatusRuntimeException refused(ErrorReason reason, String message) {
        return ErrorReasons.toStatus(StatusMapper.refused(reason, message));
    }
}
