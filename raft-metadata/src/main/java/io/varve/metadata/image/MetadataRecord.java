// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** One fact of the metadata: what commands yield, and what images consist of. *Immutable.* */
public sealed interface MetadataRecord {

    /** Replaces the controller before. */
    record ControllerRecord(ControllerImage controller) implements MetadataRecord {}

    /** The cluster's feature level. */
    record FeatureRecord(int level) implements MetadataRecord {}

    /** Replaces the broker of the same id. */
    record BrokerRecord(BrokerImage broker) implements MetadataRecord {}

    /** Replaces name and configs of the topic of the same id; its partitions stay. */
    record TopicRecord(UUID id, String name, SortedMap<String, String> configs, Durability durability)
            implements MetadataRecord {
        public TopicRecord {
            configs = Collections.unmodifiableSortedMap(new TreeMap<>(configs));
        }
    }

    /** Replaces the partition of the same topic and number. */
    record PartitionRecord(UUID topicId, PartitionImage partition) implements MetadataRecord {}

    /** The topic and all its partitions are gone: the one record that lets a node delete files. */
    record TopicRemovedRecord(UUID id) implements MetadataRecord {}

    /** The first producer id that nobody has been given. */
    record ProducerIdsRecord(long nextProducerId) implements MetadataRecord {}

    /** The answer to a command that must not be executed twice. */
    record RequestRecord(RequestId id, long index, CommandResult answer) implements MetadataRecord {}
}
