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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** What the image and the partitions on this node know about topics, as answers. <i>Thread-safe.</i> */
final class TopicDescriptions {

    private final LeaderViews leaders;

    TopicDescriptions(LeaderViews leaders) {
        this.leaders = leaders;
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

    /** Never fails: a partition whose leader tells nothing has only what the metadata says, and a status that says why. */
    CompletableFuture<TopicDescription> describe(MetadataImage image, String name) {
        Optional<TopicImage> found = image.topic(name);
        if (found.isEmpty()) {
            return CompletableFuture.completedFuture(TopicDescription.newBuilder()
                    .setName(name)
                    .setError(unknownTopic(name))
                    .build());
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
        // All leaders are asked before any answer is waited for.
        List<CompletableFuture<PartitionDescription>> partitions =
                topic.partitions().stream().map(p -> describe(topic.id(), p)).toList();
        return CompletableFuture.allOf(partitions.toArray(CompletableFuture[]::new))
                .thenApply(none -> {
                    partitions.forEach(partition -> description.addPartitions(partition.join()));
                    return description.build();
                });
    }

    private CompletableFuture<PartitionDescription> describe(UUID topicId, PartitionImage partition) {
        var description = PartitionDescription.newBuilder()
                .setPartition(partition.partition())
                .setLeader(partition.leader())
                .setLeaderEpoch(partition.leaderEpoch())
                .setPartitionEpoch(partition.partitionEpoch())
                .addAllReplicas(partition.replicas())
                .addAllIsr(partition.isr())
                .addAllElr(partition.elr());
        if (!partition.hasLeader()) {
            return CompletableFuture.completedFuture(description
                    .setStatus(ErrorReasons.name(ErrorReason.ERROR_REASON_LEADER_NOT_AVAILABLE))
                    .build());
        }
        return leaders.partition(topicId, partition).thenApply(sight -> {
            sight.error().ifPresent(why -> description.setStatus(ErrorReasons.name(why.getReason())));
            sight.view()
                    .ifPresent(view -> description
                            .setLogStartOffset(view.getLogStartOffset())
                            .setHighWatermark(view.getHighWatermark())
                            .setLogEndOffset(view.getLogEndOffset())
                            .setFlushedEndOffset(view.getFlushedEndOffset())
                            .setSizeBytes(view.getSizeBytes())
                            .setStatus(view.getStatus()));
            return description.build();
        });
    }
}
