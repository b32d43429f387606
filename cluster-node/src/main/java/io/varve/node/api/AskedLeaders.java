// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.varve.metadata.image.PartitionImage;
import io.varve.node.peer.PeerChannels;
import io.varve.proto.ErrorReasons;
import io.varve.proto.Uuids;
import io.varve.proto.internal.v1.InspectPartitionRequest;
import io.varve.proto.internal.v1.InspectPartitionResponse;
import io.varve.proto.internal.v1.InspectQuorumRequest;
import io.varve.proto.internal.v1.InspectQuorumResponse;
import io.varve.proto.internal.v1.InspectionServiceGrpc;
import io.varve.proto.v1.DescribeQuorumResponse;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Asks this node itself, or the leader over its peer port. <i>Thread-safe.</i> */
public final class AskedLeaders implements LeaderViews {

    /** An operator wants to see what there is, and soon: a leader that is silent for so long is told as one. */
    public static final Duration PATIENCE = Duration.ofSeconds(2);

    private final int nodeId;
    private final Set<Integer> voters;
    private final LocalLeaders local;
    private final PeerChannels channels;
    private final Duration patience;

    /**
     * @param voters node ids with a vote in the metadata quorum
     * @param patience how long another node may take to answer
     */
    public AskedLeaders(int nodeId, Set<Integer> voters, LocalLeaders local, PeerChannels channels, Duration patience) {
        this.patience = patience;
        this.nodeId = nodeId;
        this.voters = Set.copyOf(voters);
        this.local = local;
        this.channels = channels;
    }

    @Override
    public Set<Integer> voters() {
        return voters;
    }

    @Override
    public CompletableFuture<DescribeQuorumResponse> quorum() {
        return local.quorum().thenCompose(mine -> {
            int leader = mine.getLeader();
            if (leader == nodeId || leader == 0) {
                return CompletableFuture.completedFuture(mine);
            }
            return ask(
                            leader,
                            InspectionServiceGrpc.getInspectQuorumMethod(),
                            InspectQuorumRequest.getDefaultInstance())
                    .thenApply(InspectQuorumResponse::getQuorum)
                    .exceptionally(failure -> mine.toBuilder()
                            .setError(unanswered(leader, "of the metadata quorum", failure))
                            .build());
        });
    }

    @Override
    public CompletableFuture<PartitionSight> partition(UUID topicId, PartitionImage partition) {
        int leader = partition.leader();
        if (leader == nodeId) {
            return local.partition(topicId, partition.partition());
        }
        InspectPartitionRequest question = InspectPartitionRequest.newBuilder()
                .setTopicId(Uuids.toBytes(topicId))
                .setPartition(partition.partition())
                .build();
        return ask(leader, InspectionServiceGrpc.getInspectPartitionMethod(), question)
                .thenApply(AskedLeaders::sight)
                .exceptionally(failure ->
                        PartitionSight.missing(unanswered(leader, "of partition " + partition.partition(), failure)));
    }

    private static PartitionSight sight(InspectPartitionResponse answer) {
        return new PartitionSight(
                answer.hasView() ? Optional.of(answer.getView()) : Optional.empty(),
                answer.getReplicasList(),
                answer.hasError() ? Optional.of(answer.getError()) : Optional.empty());
    }

    private static Error unanswered(int leader, String ofWhat, Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return ErrorReasons.error(
                ErrorReason.ERROR_REASON_NETWORK_EXCEPTION,
                "node %d, the leader %s, does not tell this node about it: %s"
                        .formatted(leader, ofWhat, cause.getMessage()),
                "varve broker list shows whether it is alive",
                Outcome.OUTCOME_NOT_APPLIED,
                Map.of("leader", Integer.toString(leader)));
    }

    private <Q, R> CompletableFuture<R> ask(int node, MethodDescriptor<Q, R> method, Q question) {
        Optional<ManagedChannel> channel = channels.channel(node, PeerChannels.Use.CALLS);
        CompletableFuture<R> answer = new CompletableFuture<>();
        if (channel.isEmpty()) {
            answer.completeExceptionally(new IllegalStateException("its address is not known"));
            return answer;
        }
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(patience.toMillis(), TimeUnit.MILLISECONDS);
        ClientCalls.asyncUnaryCall(channel.get().newCall(method, options), question, new StreamObserver<R>() {
            @Override
            public void onNext(R value) {
                answer.complete(value);
            }

            @Override
            public void onError(Throwable failure) {
                answer.completeExceptionally(failure);
            }

            @Override
            public void onCompleted() {
                // a unary call has answered before
            }
        });
        return answer;
    }
}
