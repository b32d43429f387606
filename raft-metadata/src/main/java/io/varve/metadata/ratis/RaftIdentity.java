// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import java.util.UUID;

/** Which voter of which cluster, on which disk. *Immutable.* Another disk is another voter. */
public record RaftIdentity(UUID clusterId, int nodeId, UUID directoryId) {

    /** The name of this voter within the quorum: node id and the first 8 digits of the directory id. */
    public String peerName() {
        return nodeId + "_" + directoryId.toString().substring(0, 8);
    }
}
