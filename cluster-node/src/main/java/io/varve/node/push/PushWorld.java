// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import io.varve.node.config.HostPort;
import io.varve.replication.LoopGroup;
import io.varve.replication.Partition;
import io.varve.storage.LogId;
import io.varve.transport.EventLoops;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What push replication needs of its node.
 *
 * @param network whose loops carry the streams
 * @param loops of the node's partitions
 *     <p><i>Thread-safe.</i>
 */
public record PushWorld(
        EventLoops network, LoopGroup loops, Replicas replicas, Addresses addresses, Metadata metadata) {

    /** The open replicas of this node. */
    @FunctionalInterface
    public interface Replicas {

        @Nullable
        Partition find(LogId id);
    }

    /** Where nodes are. */
    @FunctionalInterface
    public interface Addresses {

        /** Of the node's peer port; empty while nobody knows. */
        Optional<HostPort> find(int nodeId);
    }

    /** How far this node is with the metadata. */
    public interface Metadata {

        /** The index that every replica of this node has applied. */
        long appliedIndex();

        /** Somebody acts on metadata of this index, or of a newer one, that has not arrived here (P2). Does not block. */
        void wanted(long index);
    }
}
