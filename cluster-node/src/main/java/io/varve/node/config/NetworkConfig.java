// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.util.List;

/**
 * Where the node can be reached. <i>Immutable.</i>
 *
 * @param listeners public gRPC, at least one
 * @param peerBind where other nodes reach this one; for trusted nodes only
 * @param peerAdvertised what other nodes are told; port 0 stands for the port bound
 * @param raftBind the metadata quorum; for trusted peers only
 * @param httpBind health and metrics
 */
public record NetworkConfig(
        List<ListenerConfig> listeners,
        HostPort peerBind,
        HostPort peerAdvertised,
        HostPort raftBind,
        HostPort httpBind) {

    public NetworkConfig {
        listeners = List.copyOf(listeners);
    }

    /** The same with other public listeners. */
    public NetworkConfig withListeners(List<ListenerConfig> others) {
        return new NetworkConfig(others, peerBind, peerAdvertised, raftBind, httpBind);
    }
}
