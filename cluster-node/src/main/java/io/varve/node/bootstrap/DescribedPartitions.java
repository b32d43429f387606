// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.node.api.LocalPartitions;
import io.varve.node.api.PartitionNumbers;
import io.varve.node.partition.NodePartitions;
import io.varve.node.upkeep.DiskWatch;
import io.varve.replication.PartitionStatus;
import io.varve.replication.PartitionStatus.Positions;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** The replicas of this node as descriptions show them. <i>Thread-safe.</i> */
final class DescribedPartitions implements LocalPartitions {

    private final NodePartitions partitions;
    private final DiskWatch disk;

    DescribedPartitions(NodePartitions partitions, DiskWatch disk) {
        this.partitions = partitions;
        this.disk = disk;
    }

    @Override
    public Optional<PartitionNumbers> numbers(UUID topicId, int partition) {
        return partitions
                .table()
                .find(topicId, partition)
                .map(hosted -> numbers(hosted.partition().status()));
    }

    @Override
    public CompletableFuture<Void> whenApplied(long metadataIndex) {
        return partitions.follower().whenApplied(metadataIndex);
    }

    private PartitionNumbers numbers(PartitionStatus status) {
        Positions at = status.positions();
        return new PartitionNumbers(
                at.logStartOffset(),
                at.highWatermark(),
                at.logEndOffset(),
                at.flushedEndOffset(),
                at.sizeBytes(),
                word(status));
    }

    private String word(PartitionStatus status) {
        return switch (status.state()) {
            case LEADING -> disk.isFull() ? "DISK_FULL" : "ok";
            case IDLE, STARTING, CLOSED, DEPOSED -> "LEADER_NOT_AVAILABLE";
            case FOLLOWING, TRUNCATING -> "NOT_LEADER_OR_FOLLOWER";
            case RESIGNED, FAILED -> "KAFKA_STORAGE_ERROR";
        };
    }
}
