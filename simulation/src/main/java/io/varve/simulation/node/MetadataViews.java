// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.TopicImage;
import io.varve.metadata.topic.TopicConfigs;
import io.varve.replication.ReplicaSettings;
import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.PartitionState;
import io.varve.storage.CompactionSettings;
import io.varve.storage.Durability;
import io.varve.storage.LogSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** The metadata in the words of replicas and logs. */
public final class MetadataViews {
    /** Small enough that edges occur all the time. */
    private static final long STAGED_BYTES_MAX = 64 << 10;

    private static final int SEGMENT_BYTES = 2 << 10;

    /** Short enough that followers which were away for a while find nothing to go on from. */
    private static final Duration SEGMENT_AGE = Duration.ofSeconds(5);

    private static final long RETENTION_MILLIS = 9_000;
    private static final long RETENTION_BYTES = 12 << 10;

    private MetadataViews() {}

    public static PartitionState state(PartitionImage p) {
        return new PartitionState(
                p.leader(),
                p.leaderEpoch(),
                p.partitionEpoch(),
                p.replicas(),
                p.isr(),
                p.elr(),
                p.effectiveMinIsr(),
                p.lastUncleanEpoch());
    }

    public static Members members(MetadataImage image) {
        return new Members() {
            @Override
            public long metadataIndex() {
                return image.index();
            }

            @Override
            public OptionalLong brokerEpoch(int nodeId) {
                Optional<BrokerImage> broker = image.broker(nodeId);
                return broker.isPresent() ? OptionalLong.of(broker.get().epoch()) : OptionalLong.empty();
            }

            @Override
            public boolean isEligible(int nodeId) {
                return image.isEligible(nodeId);
            }
        };
    }

    static Durability durability(TopicImage topic) {
        return switch (topic.durability()) {
            case FLUSHED -> Durability.FLUSHED;
            case WRITTEN -> Durability.WRITTEN;
        };
    }

    static LogSettings log(TopicImage topic) {
        return new LogSettings(
                durability(topic),
                SEGMENT_BYTES,
                SEGMENT_AGE,
                0,
                LogSettings.DEFAULT.maxBatchBytes(),
                topic.durability() == io.varve.metadata.image.Durability.FLUSHED
                        ? RETENTION_BYTES
                        : LogSettings.UNLIMITED,
                RETENTION_MILLIS,
                CompactionSettings.OFF);
    }

    static ReplicaSettings replica(TopicImage topic, int nodeId) {
        return new ReplicaSettings(
                nodeId,
                durability(topic),
                false,
                (int) TopicConfigs.number(topic, TopicConfigs.MAX_MESSAGE_BYTES),
                STAGED_BYTES_MAX);
    }
}
