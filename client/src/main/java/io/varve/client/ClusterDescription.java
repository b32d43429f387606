// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.util.List;

/**
 * The cluster as one of its nodes sees it. <i>Immutable.</i>
 *
 * @param clusterId a UUID as Kafka prints it
 * @param controllerId node id of the active controller; 0 while there is none
 * @param metadataIndex the index in the metadata log that this reflects
 */
public record ClusterDescription(String clusterId, int controllerId, long metadataIndex, List<Node> nodes) {
    public ClusterDescription {
        nodes = List.copyOf(nodes);
    }
}
