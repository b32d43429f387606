// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.metadata.MetadataQuorum;
import io.varve.metadata.MetadataRejection;
import io.varve.node.api.LeaderViews.PartitionSight;
import io.varve.node.api.LocalLeaders;
import io.varve.node.api.PartitionSights;
import io.varve.node.api.QuorumDescriptions;
import io.varve.node.partition.NodePartitions;
import io.varve.node.upkeep.DiskWatch;
import io.varve.proto.ErrorReasons;
import io.varve.proto.Uuids;
import io.varve.proto.v1.DescribeQuorumResponse;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import io.varve.replication.Partition;
import io.varve.replication.PartitionStatus.State;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** What this node knows as a leader, of the quorum and of its partitions. <i>Thread-safe.</i> */
final class LedHere implements LocalLeaders {

    private final int nodeId;
    private final Optional<MetadataQuorum> quorum;
    private final NodePartitions partitions;
    private final DiskWatch disk;

    LedHere(int nodeId, Optional<MetadataQuorum> quorum, NodePartitions partitions, DiskWatch disk) {
        this.nodeId = nodeId;
        this.quorum = quorum;
        this.partitions = partitions;
        this.disk = disk;
    }

    @Override
    public CompletableFuture<DescribeQuorumResponse> quorum() {
        return quorum.map(
                        own -> CompletableFuture.completedFuture(QuorumDescriptions.describe(own.state(), own.image())))
                .orElseGet(() -> CompletableFuture.failedFuture(MetadataRejection.notApplied(
                        ErrorReason.ERROR_REASON_NOT_CONTROLLER, "node %d does not vote".formatted(nodeId))));
    }

    @Override
    public CompletableFuture<PartitionSight> partition(UUID topicId, int partition) {
        return partitions
                .table()
                .find(topicId, partition)
                .map(hosted -> sight(hosted.partition()))
                .orElseGet(() -> CompletableFuture.completedFuture(PartitionSight.missing(
                        notLed("partition %d of topic %s".formatted(partition, Uuids.toText(topicId))))))
                .exceptionally(failure -> PartitionSight.missing(notLed("partition " + partition)));
    }

    private CompletableFuture<PartitionSight> sight(Partition partition) {
        return partition.view().thenCombine(partition.epochs(), (view, epochs) -> {
            Optional<String> status = status(view.status().state());
            return status.map(word -> PartitionSights.of(nodeId, view, epochs, word))
                    .orElseGet(() -> PartitionSight.missing(notLed("partition " + partition.name())));
        });
    }

    /** What a leader says of itself; empty for a replica that does not lead. */
    private Optional<String> status(State state) {
        return switch (state) {
            case LEADING -> Optional.of(disk.refusal() != null ? "DISK_FULL" : "ok");
            case STARTING, DEPOSED -> Optional.of("LEADER_NOT_AVAILABLE");
            case RESIGNED, FAILED -> Optional.of("KAFKA_STORAGE_ERROR");
            case IDLE, CLOSED, FOLLOWING, TRUNCATING -> Optional.empty();
        };
    }

    private Error notLed(String what) {
        return ErrorReasons.error(
                ErrorReason.ERROR_REASON_NOT_LEADER_OR_FOLLOWER,
                "node %d does not lead %s yet, or no longer".formatted(nodeId, what),
                "try again",
                Outcome.OUTCOME_NOT_APPLIED,
                Map.of());
    }
}
