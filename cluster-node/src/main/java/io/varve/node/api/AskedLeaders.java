// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

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
import io.varve.proto.v1.QuorumMemberState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Asks this node itself, or the leader over its peer port. <i>Thread-safe.</i> */
public final class AskedLeaders implements LeaderViews {

    /** An operator wants to see what there is, and soon: a leader that is silent for so long is told as one. */
    public static final Duration PATIENCE = Duration.ofSeconds(2);

    private final int nodeId;
    private final Set<Integer> voters;
    private final LocalLeaders local;
    private final PeerQuestions peers;

    /**
     * @param voters node ids with a vote in the metadata quorum
     * @param patience how long another node may take to answer
     */
    public AskedLeaders(int nodeId, Set<Integer> voters, LocalLeaders local, PeerChannels channels, Duration patience) {
        this.nodeId = nodeId;
        this.voters = Set.copyOf(voters);
        this.local = local;
        this.peers = new PeerQuestions(channels, patience);
    }

    @Override
    public Set<Integer> voters() {
        return voters;
    }

    @Override
    public CompletableFuture<DescribeQuorumResponse> quorum() {
        CompletableFuture<DescribeQuorumResponse> seen =
                voters.contains(nodeId) ? local.quorum() : anyVoter(List.copyOf(voters));
        return seen.thenCompose(one -> {
            int leader = one.getLeader();
            if (leader == 0 || hasNumbersOfItsLeader(one)) {
                return CompletableFuture.completedFuture(one);
            }
            return inspectQuorum(leader)
                    .exceptionally(failure -> one.toBuilder()
                            .setError(unanswered(leader, "the leader of the metadata quorum", failure))
                            .build());
        });
    }

    /** Only the leader knows when it heard its followers, and it has heard itself this moment. */
    private static boolean hasNumbersOfItsLeader(DescribeQuorumResponse quorum) {
        return quorum.getMembersList().stream()
                .anyMatch(member -> member.getNodeId() == quorum.getLeader()
                        && member.getState() == QuorumMemberState.QUORUM_MEMBER_STATE_REACHABLE);
    }

    /** For a node without a vote: what the first voter that answers sees. */
    private CompletableFuture<DescribeQuorumResponse> anyVoter(List<Integer> left) {
        int voter = left.get(0);
        return inspectQuorum(voter)
                .handle((answer, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedFuture(answer);
                    }
                    return left.size() > 1
                            ? anyVoter(left.subList(1, left.size()))
                            : CompletableFuture.completedFuture(DescribeQuorumResponse.newBuilder()
                                    .setError(unanswered(voter, "a voter of the metadata quorum", failure))
                                    .build());
                })
                .thenCompose(answer -> answer);
    }

    private CompletableFuture<DescribeQuorumResponse> inspectQuorum(int node) {
        return peers.ask(
                        node, InspectionServiceGrpc.getInspectQuorumMethod(), InspectQuorumRequest.getDefaultInstance())
                .thenApply(InspectQuorumResponse::getQuorum);
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
        return peers.ask(leader, InspectionServiceGrpc.getInspectPartitionMethod(), question)
                .thenApply(AskedLeaders::sight)
                .exceptionally(failure -> PartitionSight.missing(
                        unanswered(leader, "the leader of partition " + partition.partition(), failure)));
    }

    private static PartitionSight sight(InspectPartitionResponse answer) {
        return new PartitionSight(
                answer.hasView() ? Optional.of(answer.getView()) : Optional.empty(),
                answer.getReplicasList(),
                answer.hasError() ? Optional.of(answer.getError()) : Optional.empty());
    }

    private static Error unanswered(int node, String role, Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return ErrorReasons.error(
                ErrorReason.ERROR_REASON_NETWORK_EXCEPTION,
                "node %d, %s, does not tell this node about it: %s".formatted(node, role, cause.getMessage()),
                "varve broker list shows whether it is alive",
                Outcome.OUTCOME_NOT_APPLIED,
                Map.of("broker", Integer.toString(node)));
    }
}
