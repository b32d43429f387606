// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

import io.varve.metadata.image.MetadataRecord.BrokerRecord;
import io.varve.metadata.image.MetadataRecord.PartitionRecord;
import io.varve.metadata.image.MetadataRecord.TopicRecord;
import io.varve.metadata.image.MetadataRecord.TopicRemovedRecord;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * What one command changed. *Immutable.* Applies to the image at {@code prevIndex} only, and makes the one at
 * {@code index}.
 *
 * @param index of the command in the Raft log
 * @param prevIndex of the command before it; there may be other entries between them
 * @param records in the order in which they must be applied; none if the command was refused
 */
public record MetadataDelta(long index, long term, long prevIndex, List<MetadataRecord> records) {

    public MetadataDelta {
        records = List.copyOf(records);
    }

    public boolean isEmpty() {
        return records.isEmpty();
    }

    /** Ids of the topics of which anything changed, without those removed. */
    public Set<UUID> changedTopics() {
        var ids = new TreeSet<UUID>();
        for (var r : records) {
            if (r instanceof TopicRecord t) {
                ids.add(t.id());
            } else if (r instanceof PartitionRecord p) {
                ids.add(p.topicId());
            } else if (r instanceof TopicRemovedRecord removed) {
                ids.remove(removed.id());
            }
        }
        return ids;
    }

    public Set<UUID> removedTopics() {
        var ids = new TreeSet<UUID>();
        for (var r : records) {
            if (r instanceof TopicRemovedRecord removed) {
                ids.add(removed.id());
            }
        }
        return ids;
    }

    public Set<Integer> changedBrokers() {
        var ids = new TreeSet<Integer>();
        for (var r : records) {
            if (r instanceof BrokerRecord b) {
                ids.add(b.broker().id());
            }
        }
        return ids;
    }
}
