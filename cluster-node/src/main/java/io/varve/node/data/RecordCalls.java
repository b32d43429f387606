// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.StatusRuntimeException;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.AppendRequest;
import io.varve.proto.v1.AppendResponse;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.ReadRequest;
import io.varve.proto.v1.ReadResponse;
import io.varve.replication.Partition;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Single calls for records, done by this node. Failures are statuses that carry an error. *Thread-safe.* */
final class RecordCalls {
    private static final int RECORDS_DEFAULT = 500;
    private static final int BYTES_DEFAULT = 1 << 20;
    /** Below the 4 MiB that gRPC clients take in one message unless told otherwise. */
    private static final int BYTES_MAX = 3 << 20;

    private static final long WAIT_MAX_MILLIS = 30_000;
    /** A long poll leaves a quarter of the caller's time, and at most so much, for its answer to arrive. */
    private static final long DEADLINE_MARGIN_MAX_MILLIS = 1_000;

    private final DataPlane plane;
    private final UnaryAppend appends;

    RecordCalls(DataPlane plane) {
        this.plane = plane;
        this.appends = new UnaryAppend(plane);
    }

    /** Where the records would go, for whoever has to know before. */
    int partitionOf(AppendRequest request, PartitionLookup.Topic topic) {
        return appends.partitionOf(request, topic);
    }

    /** Within the deadline of the current context. */
    CompletableFuture<AppendResponse> append(AppendRequest request) {
        try {
            return appends.append(request);
        } catch (StatusRuntimeException refusal) {
            return CompletableFuture.failedFuture(refusal);
        }
    }

    /** Within the deadline of the current context. Cancelling what is returned ends the read. */
    CompletableFuture<ReadResponse> read(ReadRequest request) {
        PartitionLookup.Topic topic = plane.lookup().topic(request.getTopic());
        if (topic == null) {
            return refused(plane.lookup().whyNoTopic(request.getTopic()));
        }
        Partition partition = plane.lookup().find(topic.id(), request.getPartition());
        if (partition == null) {
            return refused(plane.lookup().whyMissing(topic.id(), request.getPartition()));
        }
        String problem = problemOf(request);
        if (!problem.isEmpty()) {
            return refused(StatusMapper.refused(
                    ErrorReason.ERROR_REASON_INVALID_REQUEST, "partition " + partition.name() + ": " + problem));
        }
        int maxRecords = request.getMaxRecords() == 0 ? RECORDS_DEFAULT : request.getMaxRecords();
        int maxBytes = request.getMaxBytes() == 0 ? BYTES_DEFAULT : Math.min(request.getMaxBytes(), BYTES_MAX);
        return new UnaryRead(partition, request.getOffset(), maxRecords, maxBytes, plane).start(waitMillis(request));
    }

    private static <T> CompletableFuture<T> refused(Error error) {
        return CompletableFuture.failedFuture(ErrorReasons.toStatus(error));
    }

    private static String problemOf(ReadRequest request) {
        if (request.getOffset() < 0) {
            return "offset " + request.getOffset() + " is below 0";
        }
        if (request.getMaxRecords() < 0 || request.getMaxBytes() < 0 || request.getMaxWaitMs() < 0) {
            return "max_records " + request.getMaxRecords() + ", max_bytes " + request.getMaxBytes()
                    + " and max_wait_ms " + request.getMaxWaitMs() + " must not be below 0";
        }
        return "";
    }

    private static long waitMillis(ReadRequest request) {
        long wait = Math.min(request.getMaxWaitMs(), WAIT_MAX_MILLIS);
        Deadline deadline = Context.current().getDeadline();
        if (deadline == null) {
            return wait;
        }
        long left = Math.max(0, deadline.timeRemaining(TimeUnit.MILLISECONDS));
        return Math.min(wait, left - Math.min(left / 4, DEADLINE_MARGIN_MAX_MILLIS));
    }
}
