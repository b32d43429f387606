// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.util.List;

/**
 * The node that answered: version, abilities, limits. Programs go by features, not by versions. <i>Immutable.</i>
 *
 * @param minProtocolVersion inclusive
 * @param maxProtocolVersion inclusive
 * @param featureLevel what the cluster has agreed on
 * @param clusterId a UUID as Kafka prints it
 */
public record ServerInfo(
        String version,
        int minProtocolVersion,
        int maxProtocolVersion,
        int featureLevel,
        List<String> features,
        String clusterId,
        int nodeId,
        Limits limits) {
    public ServerInfo {
        features = List.copyOf(features);
    }

    /**
     * What the node takes at most.
     *
     * @param maxBatchBytes the largest batch of any topic
     * @param maxInFlightBatches unacknowledged batches of an idempotent producer per partition
     * @param maxTopicNameLength in characters
     * @param maxPartitions of one topic
     */
    public record Limits(int maxBatchBytes, int maxInFlightBatches, int maxTopicNameLength, int maxPartitions) {}
}
