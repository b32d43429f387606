// SPDX-License-Identifier: Apache-2.0
package io.varve.node.partition;

import io.varve.metadata.image.TopicImage;
import io.varve.metadata.topic.TopicConfigs;
import io.varve.replication.ReplicaSettings;
import io.varve.replication.TimestampBounds;
import io.varve.storage.CompactionSettings;
import io.varve.storage.Durability;
import io.varve.storage.LogSettings;
import java.time.Duration;
import java.util.SortedMap;
import java.util.UUID;

/** What a topic's configs mean for its logs and replicas, which share it. <i>Immutable.</i> */
record TopicSettings(UUID topicId, SortedMap<String, String> configs, LogSettings log, ReplicaSettings replica) {

    static TopicSettings of(TopicImage topic, int nodeId) {
        return new TopicSettings(topic.id(), topic.configs(), log(topic), replica(topic, nodeId));
    }

    /** Whether this is of that topic with the configs that it has in its image: an image that has others has another map. */
    boolean isOf(TopicImage topic) {
        return topicId.equals(topic.id()) && configs == topic.configs();
    }

    private static LogSettings log(TopicImage topic) {
        CompactionSettings compaction = compaction(topic);
        boolean deleted = TopicConfigs.isDeleted(topic);
        long segmentMillis = TopicConfigs.number(topic, TopicConfigs.SEGMENT_MS);
        return new LogSettings(
                durability(topic),
                (int) TopicConfigs.number(topic, TopicConfigs.SEGMENT_BYTES),
                // only sealed segments are compacted
                Duration.ofMillis(
                        compaction.enabled() ? Math.min(segmentMillis, compaction.maxLagMillis()) : segmentMillis),
                (int) TopicConfigs.number(topic, TopicConfigs.INDEX_INTERVAL_BYTES),
                LogSettings.DEFAULT.maxBatchBytes(),
                deleted ? TopicConfigs.number(topic, TopicConfigs.RETENTION_BYTES) : LogSettings.UNLIMITED,
                deleted ? TopicConfigs.number(topic, TopicConfigs.RETENTION_MS) : LogSettings.UNLIMITED,
                compaction);
    }

    private static CompactionSettings compaction(TopicImage topic) {
        return new CompactionSettings(
                TopicConfigs.isCompacted(topic),
                Double.parseDouble(TopicConfigs.value(topic, TopicConfigs.MIN_CLEANABLE_DIRTY_RATIO)),
                TopicConfigs.number(topic, TopicConfigs.MIN_COMPACTION_LAG_MS),
                TopicConfigs.number(topic, TopicConfigs.MAX_COMPACTION_LAG_MS),
                TopicConfigs.number(topic, TopicConfigs.DELETE_RETENTION_MS));
    }

    private static ReplicaSettings replica(TopicImage topic, int nodeId) {
        return new ReplicaSettings(
                nodeId,
                durability(topic),
                TopicConfigs.value(topic, TopicConfigs.MESSAGE_TIMESTAMP_TYPE).equals("LogAppendTime"),
                new TimestampBounds(
                        TopicConfigs.number(topic, TopicConfigs.MESSAGE_TIMESTAMP_BEFORE_MAX_MS),
                        TopicConfigs.number(topic, TopicConfigs.MESSAGE_TIMESTAMP_AFTER_MAX_MS)),
                (int) TopicConfigs.number(topic, TopicConfigs.MAX_MESSAGE_BYTES),
                ReplicaSettings.DEFAULT_STAGED_BYTES_MAX);
    }

    private static Durability durability(TopicImage topic) {
        return switch (topic.durability()) {
            case FLUSHED -> Durability.FLUSHED;
            case WRITTEN -> Durability.WRITTEN;
        };
    }
}
