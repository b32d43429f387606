// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.util.List;
import java.util.Optional;

/**
 * Everything known about a topic. <i>Immutable.</i>
 *
 * @param topicId a UUID as Kafka prints it
 * @param minInsyncReplicas the effective value
 * @param durability {@code flushed}: acknowledged records are on disk; {@code written}: they are in the page cache
 * @param error set when the topic could not be described; then nothing but the name means anything
 */
public record TopicDescription(
        String name,
        String topicId,
        int replicationFactor,
        int minInsyncReplicas,
        String durability,
        List<ConfigEntry> configs,
        List<PartitionDescription> partitions,
        Optional<VarveException> error) {
    public TopicDescription {
        configs = List.copyOf(configs);
        partitions = List.copyOf(partitions);
    }
}
