// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.varve.proto.ErrorReasons;
import io.varve.proto.internal.v1.ForwardAppendRequest;
import io.varve.proto.internal.v1.ForwardAppendResponse;
import io.varve.proto.internal.v1.ForwardDeleteRecordsRequest;
import io.varve.proto.internal.v1.ForwardDeleteRecordsResponse;
import io.varve.proto.internal.v1.ForwardReadRequest;
import io.varve.proto.internal.v1.ForwardReadResponse;
import io.varve.proto.internal.v1.ForwardServiceGrpc;
import io.varve.proto.v1.AppendRequest;
import io.varve.proto.v1.AppendResponse;
import io.varve.proto.v1.DeleteRecordsRequest;
import io.varve.proto.v1.DeleteRecordsResponse;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import io.varve.proto.v1.ReadRequest;
import io.varve.proto.v1.ReadResponse;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** {@link LeaderCalls} over the port between nodes. *Thread-safe.* */
public final class ForwardedCalls implements LeaderCalls {
    private final int ownId;
    private final PartitionLookup lookup;
    private final IntFunction<? extends Optional<? extends Channel>> channels;
    private final DataLimits limits;

    /** @param channels to the port between nodes, by node id; empty if nobody knows where that is */
    public ForwardedCalls(
            int ownId,
            PartitionLookup lookup,
            IntFunction<? extends Optional<? extends Channel>> channels,
            DataLimits limits) {
        this.ownId = ownId;
        this.lookup = lookup;
        this.channels = channels;
        this.limits = limits;
    }

    @Override
    public int elsewhere(UUID topicId, int partition) {
        int leader = Integer.parseInt(lookup.leader(topicId, partition).getOrDefault("leader", "0"));
        return leader == ownId ? 0 : leader;
    }

    @Override
    public CompletableFuture<AppendResponse> append(int nodeId, AppendRequest request, @Nullable Deadline deadline) {
        ForwardAppendRequest question =
                ForwardAppendRequest.newBuilder().setRequest(request).build();
        return ask(
                        nodeId,
                        ForwardServiceGrpc.getForwardAppendMethod(),
                        question,
                        deadline,
                        Outcome.OUTCOME_INDETERMINATE)
                .thenApply(ForwardAppendResponse::getResponse);
    }

    @Override
    public CompletableFuture<ReadResponse> read(int nodeId, ReadRequest request, @Nullable Deadline deadline) {
        ForwardReadRequest question =
                ForwardReadRequest.newBuilder().setRequest(request).build();
        return ask(nodeId, ForwardServiceGrpc.getForwardReadMethod(), question, deadline, Outcome.OUTCOME_NOT_APPLIED)
                .thenApply(ForwardReadResponse::getResponse);
    }

    @Override
    public CompletableFuture<DeleteRecordsResponse> deleteRecords(
            int nodeId, DeleteRecordsRequest request, @Nullable Deadline deadline) {
        ForwardDeleteRecordsRequest question =
                ForwardDeleteRecordsRequest.newBuilder().setRequest(request).build();
        return ask(
                        nodeId,
                        ForwardServiceGrpc.getForwardDeleteRecordsMethod(),
                        question,
                        deadline,
                        Outcome.OUTCOME_INDETERMINATE)
                .thenApply(ForwardDeleteRecordsResponse::getResponse);
    }

    private <Q, R> CompletableFuture<R> ask(
            int nodeId, MethodDescriptor<Q, R> method, Q question, @Nullable Deadline deadline, Outcome ifLost) {
        CompletableFuture<R> answer = new CompletableFuture<>();
        Optional<? extends Channel> channel = channels.apply(nodeId);
        if (channel.isEmpty()) {
            answer.completeExceptionally(ErrorReasons.toStatus(
                    unreachable(nodeId, "its address is not known", Outcome.OUTCOME_NOT_APPLIED)));
            return answer;
        }
        Deadline until =
                deadline == null ? Deadline.after(limits.defaultTimeout().toNanos(), TimeUnit.NANOSECONDS) : deadline;
        ClientCalls.asyncUnaryCall(
                channel.get().newCall(method, CallOptions.DEFAULT.withDeadline(until)),
                question,
                new StreamObserver<R>() {
                    @Override
                    public void onNext(R value) {
                        answer.complete(value);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answer.completeExceptionally(ErrorReasons.toStatus(ErrorReasons.fromThrowable(failure)
                                .orElseGet(() -> unreachable(nodeId, String.valueOf(failure.getMessage()), ifLost))));
                    }

                    @Override
                    public void onCompleted() {
                        answer.completeExceptionally(
                                ErrorReasons.toStatus(unreachable(nodeId, "it answered nothing", ifLost)));
                    }
                });
        return answer;
    }

    private io.varve.proto.v1.Error unreachable(int nodeId, String why, Outcome outcome) {
        return ErrorReasons.error(
                ErrorReason.ERROR_REASON_NETWORK_EXCEPTION,
                "node " + ownId + " could not pass this on to the leader, node " + nodeId + ": " + why,
                "try again soon",
                outcome,
                Map.of("leader", Integer.toString(nodeId)));
    }
}
