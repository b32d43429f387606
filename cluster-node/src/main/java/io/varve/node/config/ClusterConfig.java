// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.util.Map;

/**
 * What the node, as controller, does for the cluster. <i>Immutable.</i>
 *
 * @param membership how it knows that nodes live
 * @param topicDefaults configs of topics that are created without them
 */
public record ClusterConfig(MembershipConfig membership, Map<String, String> topicDefaults) {

    public ClusterConfig {
        topicDefaults = Map.copyOf(topicDefaults);
    }
}
