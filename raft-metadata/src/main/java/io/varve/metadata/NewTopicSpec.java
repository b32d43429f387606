// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A topic to be created. *Immutable.* Unchecked: what is wrong with it comes back as an error of its own.
 *
 * @param replicationFactor 0 for the default, min(3, nodes)
 * @param internal whether the cluster itself asks, for a name beginning with {@code __}
 */
public record NewTopicSpec(
        String name, int partitions, int replicationFactor, SortedMap<String, String> configs, boolean internal) {

    public NewTopicSpec {
        configs = Collections.unmodifiableSortedMap(new TreeMap<>(configs));
    }

    public static NewTopicSpec of(String name, int partitions, int replicationFactor, Map<String, String> configs) {
        return new NewTopicSpec(name, partitions, replicationFactor, new TreeMap<>(configs), false);
    }
}
