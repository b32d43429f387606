// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.TopicImage;
import io.varve.node.api.LeaderViews.PartitionSight;
import io.varve.proto.ErrorReasons;
import io.varve.proto.Uuids;
import io.varve.proto.v1.DescribePartitionResponse;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import io.varve.proto.v1.ReplicaState;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One partition with what its leader knows and what the metadata says. <i>Thread-safe.</i> */
final class PartitionDescriptions {

    private static final long UNKNOWN = -1;

    private final LeaderViews leaders;

    PartitionDescriptions(LeaderViews leaders) {
        this.leaders = leaders;
    }

    CompletableFuture<DescribePartitionResponse> describe(MetadataImage image, String topicName, int partition) {
        Optional<TopicImage> topic = image.topic(topicName);
        Optional<PartitionImage> found = topic.flatMap(t -> t.partition(partition));
        if (topic.isEmpty() || found.isEmpty()) {
            return CompletableFuture.completedFuture(DescribePartitionResponse.newBuilder()
                    .setError(missing(topic, topicName, partition))
                    .build());
        }
        PartitionImage p = found.get();
        CompletableFuture<PartitionSight> sight = p.hasLeader()
                ? leaders.partition(topic.get().id(), p)
                : CompletableFuture.completedFuture(PartitionSight.missing(noLeader(topicName, p)));
        return sight.thenApply(seen -> answer(image, topic.get(), p, seen));
    }

    /** The error for a partition that is not there. */
    static Error missing(Optional<TopicImage> topic, String name, int partition) {
        if (topic.isEmpty()) {
            return TopicDescriptions.unknownTopic(name);
        }
        return ErrorReasons.error(
                ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION,
                "topic %s has partitions 0 to %d, not %d"
                        .formatted(name, topic.get().partitions().size() - 1, partition),
                "varve topic describe " + name + " shows them",
                Outcome.OUTCOME_NOT_APPLIED,
                Map.of("topic", name, "partition", Integer.toString(partition)));
    }

    private static Error noLeader(String topic, PartitionImage partition) {
        return ErrorReasons.error(
                ErrorReason.ERROR_REASON_LEADER_NOT_AVAILABLE,
                "partition %s:%d has no leader since epoch %d"
                        .formatted(topic, partition.partition(), partition.leaderEpoch()),
                "start a node that holds it: one of "
                        + (partition.elr().isEmpty() ? partition.replicas() : partition.elr()),
                Outcome.OUTCOME_NOT_APPLIED,
                Map.of("topic", topic, "partition", Integer.toString(partition.partition())));
    }

    private static DescribePartitionResponse answer(
            MetadataImage image, TopicImage topic, PartitionImage partition, PartitionSight sight) {
        var answer = DescribePartitionResponse.newBuilder()
                .setMetadata(PartitionListings.listing(topic.name(), partition))
                .setTopicId(Uuids.toText(topic.id()))
                .setDurability(topic.durability().word());
        sight.view().ifPresent(answer::setLeaderView);
        sight.error().ifPresent(answer::setError);
        for (int node : partition.replicas()) {
            answer.addReplicas(seen(sight, node)
                    .setNodeId(node)
                    .setInSync(partition.isr().contains(node))
                    .setEligible(partition.elr().contains(node))
                    .setFenced(!image.isEligible(node)));
        }
        return answer.build();
    }

    private static ReplicaState.Builder seen(PartitionSight sight, int node) {
        return sight.replicas().stream()
                .filter(replica -> replica.getNodeId() == node)
                .findFirst()
                .map(ReplicaState::toBuilder)
                .orElseGet(() -> ReplicaState.newBuilder()
                        .setLogEndOffset(UNKNOWN)
                        .setFlushedEndOffset(UNKNOWN)
                        .setLagRecords(UNKNOWN)
                        .setLagBytes(UNKNOWN)
                        .setLagMs(UNKNOWN)
                        .setCaughtUpMs(UNKNOWN));
    }
}
