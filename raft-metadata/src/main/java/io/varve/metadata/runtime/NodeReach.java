// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.runtime;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.controller.DialResult;
import io.varve.metadata.controller.ReplicaAnswer;
import io.varve.metadata.image.ReplicaId;
import java.util.concurrent.CompletableFuture;

/** How a controller reaches out to nodes. Futures complete on any thread, and always do. *Thread-safe.* */
public interface NodeReach {

    /** For a controller that cannot reach anybody: nothing is proven, and silence is left to the session. */
    NodeReach NONE = new NodeReach() {
        @Override
        public CompletableFuture<DialResult> dial(BrokerRef broker) {
            return CompletableFuture.completedFuture(DialResult.SILENT);
        }

        @Override
        public CompletableFuture<ReplicaAnswer> report(BrokerRef broker, ReplicaId replica) {
            return CompletableFuture.completedFuture(new ReplicaAnswer.Unreachable());
        }
    };

    /** Connects once to the node's peer port. */
    CompletableFuture<DialResult> dial(BrokerRef broker);

    /** What this registration of the node has of a partition. */
    CompletableFuture<ReplicaAnswer> report(BrokerRef broker, ReplicaId replica);
}
