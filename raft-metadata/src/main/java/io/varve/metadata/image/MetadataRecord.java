// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

import java.util.Collections;
import java.util.List;
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

    /**
     * A partition went on under a leader that nobody knows to hold everything (P31). In deltas only: an image keeps of it
     * what {@link PartitionImage#lastUncleanEpoch} says.
     *
     * @param leaderEpoch the one that begins
     * @param reports by which it was chosen; empty if a person chose it
     */
    record UncleanElectionRecord(UUID topicId, int partition, int leader, int leaderEpoch, List<NodeReport> reports)
            implements MetadataRecord {
        public UncleanElectionRecord {
            reports = List.copyOf(reports);
        }

        /** Committed records that nobody has any more, as far as the reports show: at least so many are lost. */
        public long knownLostRecords() {
            long end = 0;
            long highWatermark = 0;
            for (var r : reports) {
                if (r.nodeId() == leader) {
                    end = r.report().logEndOffset();
                }
                highWatermark = Math.max(highWatermark, r.report().highWatermarkCheckpoint());
            }
            return Math.max(0, highWatermark - end);
        }
    }

    /** The answer to a command that must not be executed twice. */
    record RequestRecord(RequestId id, long index, CommandResult answer) implements MetadataRecord {}
}
