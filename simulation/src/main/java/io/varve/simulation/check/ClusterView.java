// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.metadata.image.MetadataImage;
import io.varve.storage.LogId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The whole cluster as somebody sees it who sees everything. Every answer is of now. */
public interface ClusterView {
    /** All of them, running or not, in order. */
    List<Integer> nodes();

    boolean isRunning(int node);

    /** The broker epoch under which the node's process is registered; -1 if it does not run or is not registered yet. */
    long brokerEpoch(int node);

    /** The newest that the controllers' log has committed. */
    MetadataImage committed();

    /** What the replicas of a node act on; null if it does not run, or has no metadata yet. */
    @Nullable
    MetadataImage appliedBy(int node);

    /** Null if the node does not run or holds no open replica of it. */
    @Nullable
    ReplicaView replica(int node, LogId id);

    /** Bytes that count as under way on the links that a running node has dialled and that are up; 0 if it does not run. */
    long bytesInFlight(int node);

    /** Shows everything that is bounded on running nodes (I26). */
    void bounds(BoundVisitor visitor);

    /** Sees what is bounded. */
    @FunctionalInterface
    interface BoundVisitor {
        void bound(int node, String what, long value, long limit);
    }
}
