// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What one poll returned: records by partition, offsets ascending within each. <i>Immutable.</i> */
public final class ConsumerRecords<K, V> implements Iterable<ConsumerRecord<K, V>> {
    private final Map<TopicPartition, List<ConsumerRecord<K, V>>> byPartition;
    private final int count;

    /** Takes over the lists. */
    public ConsumerRecords(Map<TopicPartition, List<ConsumerRecord<K, V>>> byPartition) {
        this.byPartition = Collections.unmodifiableMap(new LinkedHashMap<>(byPartition));
        this.count = byPartition.values().stream().mapToInt(List::size).sum();
    }

    public int count() {
        return count;
    }

    public boolean isEmpty() {
        return count == 0;
    }

    /** The partitions that have at least one record here. */
    public Set<TopicPartition> partitions() {
        return byPartition.keySet();
    }

    /** The records of one partition; empty if there are none. */
    public List<ConsumerRecord<K, V>> records(TopicPartition partition) {
        return Collections.unmodifiableList(byPartition.getOrDefault(partition, List.of()));
    }

    /** All records, partition by partition. */
    @Override
    public Iterator<ConsumerRecord<K, V>> iterator() {
        if (byPartition.size() == 1) {
            return Collections.unmodifiableList(byPartition.values().iterator().next())
                    .iterator();
        }
        List<ConsumerRecord<K, V>> all = new ArrayList<>(count);
        byPartition.values().forEach(all::addAll);
        return all.iterator();
    }
}
