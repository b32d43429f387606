// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.varve.proto.v1.Error;
import io.varve.replication.Partition;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What this node knows of topics and of its own partitions. *Thread-safe*, never blocking: asked for every batch on an event loop. */
public interface PartitionLookup {
    /** A topic that exists, led here or not. */
    record Topic(String name, UUID id, int partitions) {}

    /** The partition, if a replica of it lives here. */
    @Nullable
    Partition find(UUID topicId, int partition);

    /**
     * Why {@link #find} has nothing: no such topic (UNKNOWN_TOPIC_ID), no such partition (UNKNOWN_TOPIC_OR_PARTITION), or another node has it
     * (NOT_LEADER_OR_FOLLOWER, with the leader in the metadata).
     */
    Error whyMissing(UUID topicId, int partition);

    /**
     * Who leads the partition as far as this node knows, as an error's metadata tells it: {@code topic}, {@code topicId}, {@code partition},
     * {@code leader} (0 for none), {@code leaderEpoch}, and the {@code metadataIndex} at which this was so. Empty if there is no such partition.
     */
    Map<String, String> leader(UUID topicId, int partition);

    @Nullable
    Topic topic(String name);

    /** UNKNOWN_TOPIC_OR_PARTITION, or INVALID_TOPIC_EXCEPTION for a name that no topic can have. */
    Error whyNoTopic(String name);
}
