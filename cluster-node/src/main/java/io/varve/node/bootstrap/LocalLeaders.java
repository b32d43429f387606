// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.metadata.MetadataQuorum;
import io.varve.metadata.QuorumState;
import io.varve.metadata.image.PartitionImage;
import io.varve.node.api.LeaderViews;
import io.varve.node.api.PartitionNumbers;
import io.varve.node.api.QuorumDescriptions;
import io.varve.node.partition.NodePartitions;
import io.varve.node.upkeep.DiskWatch;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.DescribeQuorumResponse;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.LeaderView;
import io.varve.proto.v1.Outcome;
import io.varve.proto.v1.ReplicaSession;
import io.varve.proto.v1.ReplicaState;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** What this node knows as a leader. <i>Thread-safe.</i> */
final class LocalLeaders implements LeaderViews {

    private final int nodeId;
    private final MetadataQuorum quorum;
    private final DescribedPartitions partitions;

    LocalLeaders(int nodeId, MetadataQuorum quorum, NodePartitions partitions, DiskWatch disk) {
        this.nodeId = nodeId;
        this.quorum = quorum;
        this.partitions = new DescribedPartitions(partitions, disk);
    }

    @Override
    public Set<Integer> voters() {
        return quorum.state().voters().stream().map(QuorumState.Voter::nodeId).collect(Collectors.toSet());
    }

    @Override
    public CompletableFuture<DescribeQuorumResponse> quorum() {
        return CompletableFuture.completedFuture(QuorumDescriptions.describe(quorum.state(), quorum.image()));
    }

    @Override
    public CompletableFuture<PartitionSight> partition(UUID topicId, PartitionImage partition) {
        return CompletableFuture.completedFuture(
                partition.leader() == nodeId
                        ? partitions
                                .numbers(topicId, partition.partition())
                                .map(numbers -> sight(partition, numbers))
                                .orElseGet(() -> missing(partition))
                        : missing(partition));
    }

    private PartitionSight sight(PartitionImage partition, PartitionNumbers numbers) {
        LeaderView view = LeaderView.newBuilder()
                .setNodeId(nodeId)
                .setLeaderEpoch(partition.leaderEpoch())
                .setLogStartOffset(numbers.logStartOffset())
                .setHighWatermark(numbers.highWatermark())
                .setLogEndOffset(numbers.logEndOffset())
                .setFlushedEndOffset(numbers.flushedEndOffset())
                .setSizeBytes(numbers.sizeBytes())
                .setStatus(numbers.status())
                .build();
        ReplicaState self = ReplicaState.newBuilder()
                .setNodeId(nodeId)
                .setSession(ReplicaSession.REPLICA_SESSION_LEADER)
                .setLogEndOffset(numbers.logEndOffset())
                .setFlushedEndOffset(numbers.flushedEndOffset())
                .build();
        return PartitionSight.of(view, List.of(self));
    }

    private static PartitionSight missing(PartitionImage partition) {
        return PartitionSight.missing(ErrorReasons.error(
                ErrorReason.ERROR_REASON_NOT_LEADER_OR_FOLLOWER,
                "node %d leads partition %d and does not tell about it"
                        .formatted(partition.leader(), partition.partition()),
                "try again; it may have just begun to lead",
                Outcome.OUTCOME_NOT_APPLIED,
                Map.of("leader", Integer.toString(partition.leader()))));
    }
}
