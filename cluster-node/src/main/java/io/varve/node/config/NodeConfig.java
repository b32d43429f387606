// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

/** The whole configuration; each component is handed its part only. <i>Immutable.</i> */
public record NodeConfig(
        IdentityConfig identity,
        StorageConfig storage,
        NetworkConfig network,
        ThreadsConfig threads,
        MemoryConfig memory,
        DiskConfig disk,
        TimersConfig timers,
        ClusterConfig cluster) {

    /** Which nodes keep the cluster's metadata. */
    public QuorumConfig quorum() {
        return cluster.quorum();
    }
}
