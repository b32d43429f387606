// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.proto.Uuids;
import io.varve.storage.DirectoryIdentity;
import java.nio.file.Path;

/** Checks that a directory belongs to the node and the cluster that it is used for. */
final class Identities {

    private Identities() {}

    static void requireNode(Path directory, DirectoryIdentity identity, int nodeId) throws StartFailure {
        if (identity.nodeId() != nodeId) {
            throw new StartFailure(
                    Reason.INCONSISTENT_NODE_ID,
                    "the directory %s belongs to node %d, but node.id is %d"
                            .formatted(directory, identity.nodeId(), nodeId),
                    "set node.id to %d, or storage.directories to the directory of node %d"
                            .formatted(identity.nodeId(), nodeId));
        }
    }

    /** @param clusterId in base64; empty for any */
    static void requireCluster(Path directory, DirectoryIdentity identity, String clusterId) throws StartFailure {
        String found = Uuids.toText(identity.clusterId());
        if (!clusterId.isEmpty() && !found.equals(clusterId)) {
            throw new StartFailure(
                    Reason.INCONSISTENT_CLUSTER_ID,
                    "the directory %s belongs to cluster %s, not to cluster %s".formatted(directory, found, clusterId),
                    "use the cluster id of the directory, or set storage.directories to another directory");
        }
    }
}
