// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.util.Map;

/**
 * Which cluster, and what the node does for it as controller. <i>Immutable.</i>
 *
 * @param clusterId that the directories must belong to, in base64; empty for any
 * @param quorum which nodes keep its metadata
 * @param membership how it knows that nodes live
 * @param topicDefaults configs of topics that are created without them
 */
public record ClusterConfig(
        String clusterId, QuorumConfig quorum, MembershipConfig membership, Map<String, String> topicDefaults) {

    public ClusterConfig {
        topicDefaults = Map.copyOf(topicDefaults);
    }
}
