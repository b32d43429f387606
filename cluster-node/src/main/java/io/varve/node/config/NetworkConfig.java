// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.util.List;

/**
 * Where the node can be reached. <i>Immutable.</i>
 *
 * @param listeners public gRPC, at least one
 * @param raftBind the metadata quorum; for trusted peers only
 * @param httpBind health and metrics
 */
public record NetworkConfig(List<ListenerConfig> listeners, HostPort raftBind, HostPort httpBind) {

    public NetworkConfig {
        listeners = List.copyOf(listeners);
    }
}
