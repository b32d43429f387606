// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.util.HashMap;
import java.util.Map;

/**
 * A topic to create. <i>Immutable.</i>
 *
 * @param partitions at least 1
 * @param replicationFactor 0 for the cluster's default
 * @param configs Kafka's topic configs, and {@code durability}: {@code flushed} (default) or {@code written}, for ever
 */
public record NewTopic(String name, int partitions, int replicationFactor, Map<String, String> configs) {
    public NewTopic {
        configs = Map.copyOf(configs);
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
        return new NewTopic(name, partitions, replicationFactor, more);
    }
}
