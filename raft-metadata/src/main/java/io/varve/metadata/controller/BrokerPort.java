// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.image.ReplicaId;

/** How the active controller reaches out to nodes. Never answers within a call. */
public interface BrokerPort {

    /** Connects once to the node-to-node port of this node; {@link ControllerCore#onDialed} hears what came of it. */
    void dial(BrokerRef broker);

    /**
     * Asks what this node has of a partition that nobody leads; {@link ControllerCore#onReplicaReport} hears the answer, of
     * which a node that is there always has one. A call that is never answered is made again.
     */
    void askReplica(BrokerRef broker, ReplicaId replica);
}
