// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What a command came to. *Immutable.* Part of the image, because the answers to commands that must not be executed
 * twice are remembered there.
 */
public sealed interface CommandResult {

    /** Nothing happened (but for a bumped partition epoch, P21). */
    record Rejected(MetadataError error) implements CommandResult {}

    /** It was done, and there is nothing to tell. */
    record Done() implements CommandResult {}

    /** @param brokerEpoch of the registration just made */
    record BrokerRegistered(long brokerEpoch) implements CommandResult {}

    /** One for each topic of the command, in the same order. */
    record Topics(List<TopicResult> topics) implements CommandResult {
        public Topics {
            topics = List.copyOf(topics);
        }
    }

    /** One for each partition of the command, in the same order. */
    record Partitions(List<PartitionResult> partitions) implements CommandResult {
        public Partitions {
            partitions = List.copyOf(partitions);
        }
    }

    /** {@code first} to {@code first + count - 1} belong to whoever asked. */
    record ProducerIds(long first, int count) implements CommandResult {}

    /** What became of one topic; {@code error} is empty when it went well. */
    record TopicResult(
            String name, UUID topicId, int partitions, int replicationFactor, Optional<MetadataError> error) {

        public static TopicResult failed(String name, UUID topicId, MetadataError error) {
            return new TopicResult(name, topicId, 0, 0, Optional.of(error));
        }

        public static TopicResult of(TopicImage topic) {
            return new TopicResult(
                    topic.name(), topic.id(), topic.partitions().size(), topic.replicationFactor(), Optional.empty());
        }
    }

    /** What became of one partition: its state now (empty if there is no such partition), and why not. */
    record PartitionResult(
            UUID topicId, int partition, Optional<PartitionImage> state, Optional<MetadataError> error) {}

    /** Whether the whole command was refused. */
    default Optional<MetadataError> rejection() {
        return this instanceof Rejected r ? Optional.of(r.error()) : Optional.empty();
    }
}
