// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A topic to create. <i>Immutable.</i>
 *
 * @param partitions at least 1; 0 for as many as are assigned
 * @param replicationFactor 0 for the cluster's default, or for what is assigned
 * @param configs Kafka's topic configs, and {@code durability}: {@code flushed} (default) or {@code written}, for ever
 * @param assignments node ids of each partition, the preferred leader first; empty: the cluster decides
 */
public record NewTopic(
        String name,
        int partitions,
        int replicationFactor,
        Map<String, String> configs,
        List<List<Integer>> assignments) {
    public NewTopic {
        configs = Map.copyOf(configs);
        assignments = assignments.stream().map(List::copyOf).toList();
    }

    public NewTopic(String name, int partitions, int replicationFactor, Map<String, String> configs) {
        this(name, partitions, replicationFactor, configs, List.of());
    }

    /** A topic whose replicas are where they are wanted. */
    public static NewTopic assigned(String name, List<List<Integer>> assignments) {
        return new NewTopic(name, 0, 0, Map.of(), assignments);
    }

    public static NewTopic of(String name, int partitions) {
        return new NewTopic(name, partitions, 0, Map.of());
    }

    public static NewTopic of(String name, int partitions, int replicationFactor) {
        return new NewTopic(name, partitions, replicationFactor, Map.of());
    }

    /** The same topic with one config more. */
    public NewTopic config(String key, Object value) {
        Map<String, String> more = new HashMap<>(configs);
        more.put(key, String.valueOf(value));
        return new NewTopic(name, partitions, replicationFactor, more, assignments);
    }
}
