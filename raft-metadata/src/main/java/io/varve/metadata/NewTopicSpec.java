// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A topic to be created. *Immutable.* Unchecked: what is wrong with it comes back as an error of its own.
 *
 * @param replicationFactor 0 for the default, min(3, nodes)
 * @param assignments node ids of each partition, the preferred leader first; empty: the cluster decides
 * @param internal whether the cluster itself asks, for a name beginning with {@code __}
 */
public record NewTopicSpec(
        String name,
        int partitions,
        int replicationFactor,
        SortedMap<String, String> configs,
        List<List<Integer>> assignments,
        boolean internal) {

    public NewTopicSpec {
        configs = Collections.unmodifiableSortedMap(new TreeMap<>(configs));
        assignments = assignments.stream().map(List::copyOf).toList();
    }

    public static NewTopicSpec of(String name, int partitions, int replicationFactor, Map<String, String> configs) {
        return new NewTopicSpec(name, partitions, replicationFactor, new TreeMap<>(configs), List.of(), false);
    }

    /** The same topic with its replicas where they are wanted; partitions and replication factor may be left at 0. */
    public NewTopicSpec assigned(List<List<Integer>> wanted) {
        int count = partitions == 0 ? wanted.size() : partitions;
        return new NewTopicSpec(name, count, replicationFactor, configs, wanted, internal);
    }
}
