// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.TopicImage;
import io.varve.metadata.topic.TopicNames;
import io.varve.node.data.PartitionLookup;
import io.varve.node.partition.HostedPartition;
import io.varve.node.partition.PartitionTable;
import io.varve.proto.ErrorReasons;
import io.varve.proto.Uuids;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import io.varve.replication.Partition;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Finds partitions in this node's table, and in the image why they are not there. <i>Thread-safe.</i> */
final class TableLookup implements PartitionLookup {

    private final PartitionTable table;
    private final Supplier<MetadataImage> image;

    TableLookup(PartitionTable table, Supplier<MetadataImage> image) {
        this.table = table;
        this.image = image;
    }

    @Override
    public @Nullable Partition find(UUID topicId, int partition) {
        return table.find(topicId, partition).map(HostedPartition::partition).orElse(null);
    }

    @Override
    public Error whyMissing(UUID topicId, int partition) {
        MetadataImage now = image.get();
        Optional<TopicImage> topic = now.topic(topicId);
        if (topic.isEmpty()) {
            return error(
                    ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_ID,
                    "there is no topic with id " + Uuids.toText(topicId),
                    "it was deleted, perhaps created again: refresh the metadata",
                    Map.of("topicId", Uuids.toText(topicId)));
        }
        String name = topic.get().name();
        Optional<PartitionImage> known = topic.get().partition(partition);
        if (known.isEmpty()) {
            int last = topic.get().partitions().size() - 1;
            return error(
                    ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION,
                    "topic %s has partitions 0 to %d, not %d".formatted(name, last, partition),
                    "",
                    Map.of("topic", name, "partition", Integer.toString(partition)));
        }
        PartitionImage p = known.get();
        return error(
                p.hasLeader()
                        ? ErrorReason.ERROR_REASON_NOT_LEADER_OR_FOLLOWER
                        : ErrorReason.ERROR_REASON_LEADER_NOT_AVAILABLE,
                "partition %s-%d: leader is node %d in epoch %d (0 for none), not this node"
                        .formatted(name, partition, p.leader(), p.leaderEpoch()),
                "",
                leader(now, topic.get(), p));
    }

    @Override
    public Map<String, String> leader(UUID topicId, int partition) {
        MetadataImage now = image.get();
        return now.topic(topicId)
                .flatMap(topic -> topic.partition(partition).map(p -> leader(now, topic, p)))
                .orElse(Map.of());
    }

    private static Map<String, String> leader(MetadataImage image, TopicImage topic, PartitionImage p) {
        return Map.of(
                "topic", topic.name(),
                "topicId", Uuids.toText(topic.id()),
                "partition", Integer.toString(p.partition()),
                "leader", Integer.toString(p.leader()),
                "leaderEpoch", Integer.toString(p.leaderEpoch()),
                "metadataIndex", Long.toString(image.index()));
    }

    @Override
    public @Nullable Topic topic(String name) {
        return image.get()
                .topic(name)
                .map(topic ->
                        new Topic(topic.name(), topic.id(), topic.partitions().size()))
                .orElse(null);
    }

    @Override
    public Error whyNoTopic(String name) {
        return TopicNames.problem(name, true)
                .map(problem -> error(ErrorReason.ERROR_REASON_INVALID_TOPIC_EXCEPTION, problem, "", Map.of()))
                .orElseGet(() -> error(
                        ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION,
                        "there is no topic " + name,
                        "create it with: varve topic create " + name,
                        Map.of("topic", name)));
    }

    private static Error error(ErrorReason reason, String message, String hint, Map<String, String> metadata) {
        return ErrorReasons.error(reason, message, hint, Outcome.OUTCOME_NOT_APPLIED, metadata);
    }
}
