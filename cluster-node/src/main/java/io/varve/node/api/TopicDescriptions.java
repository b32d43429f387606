// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.TopicImage;
import io.varve.metadata.topic.TopicConfigs;
import io.varve.proto.ErrorReasons;
import io.varve.proto.Uuids;
import io.varve.proto.v1.ConfigEntry;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import io.varve.proto.v1.PartitionDescription;
import io.varve.proto.v1.TopicDescription;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What the image and the partitions on this node know about topics, as answers. <i>Thread-safe.</i> */
final class TopicDescriptions {

    private final LocalPartitions partitions;

    TopicDescriptions(LocalPartitions partitions) {
        this.partitions = partitions;
    }

    /** The error for a name that no topic has. */
    static Error unknownTopic(String name) {
        return ErrorReasons.error(
                ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION,
                "there is no topic " + name,
                "create it with: varve topic create " + name,
                Outcome.OUTCOME_NOT_APPLIED,
                Map.of("topic", name));
    }

    TopicDescription describe(MetadataImage image, String name) {
        Optional<TopicImage> found = image.topic(name);
        if (found.isEmpty()) {
            return TopicDescription.newBuilder()
                    .setName(name)
                    .setError(unknownTopic(name))
                    .build();
        }
        TopicImage topic = found.get();
        var description = TopicDescription.newBuilder()
                .setName(topic.name())
                .setTopicId(Uuids.toText(topic.id()))
                .setReplicationFactor(topic.replicationFactor())
                .setDurability(topic.durability().word());
        topic.partitions().stream()
                .mapToInt(PartitionImage::effectiveMinIsr)
                .findFirst()
                .ifPresent(description::setMinInsyncReplicas);
        TopicConfigs.all()
                .keySet()
                .forEach(config -> description.addConfigs(ConfigEntry.newBuilder()
                        .setName(config)
                        .setValue(TopicConfigs.value(topic, config))
                        .setIsDefault(!topic.configs().containsKey(config))));
        topic.partitions().forEach(p -> description.addPartitions(describe(topic.id(), p)));
        return description.build();
    }

    private PartitionDescription describe(UUID topicId, PartitionImage partition) {
        var description = PartitionDescription.newBuilder()
                .setPartition(partition.partition())
                .setLeader(partition.leader())
                .setLeaderEpoch(partition.leaderEpoch())
                .setPartitionEpoch(partition.partitionEpoch())
                .addAllReplicas(partition.replicas())
                .addAllIsr(partition.isr())
                .addAllElr(partition.elr())
                .setStatus(ErrorReasons.name(
                        partition.hasLeader()
                                ? ErrorReason.ERROR_REASON_NOT_LEADER_OR_FOLLOWER
                                : ErrorReason.ERROR_REASON_LEADER_NOT_AVAILABLE));
        partitions
                .numbers(topicId, partition.partition())
                .ifPresent(numbers -> description
                        .setLogStartOffset(numbers.logStartOffset())
                        .setHighWatermark(numbers.highWatermark())
                        .setLogEndOffset(numbers.logEndOffset())
                        .setFlushedEndOffset(numbers.flushedEndOffset())
                        .setSizeBytes(numbers.sizeBytes())
                        .setStatus(numbers.status()));
        return description.build();
    }
}
