// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.Executor;

/**
 * What the partitions of a node share.
 *
 * @param coldReads runs what blocks on files for readers behind the tail, for look-ups by time and for the replay of producers
 * @param allocator of the buffers of cold reads
 *     <p>*Thread-safe.*
 */
public record PartitionRuntime(
        LoopGroup loops,
        Executor coldReads,
        ByteBufAllocator allocator,
        PartitionEvents events,
        NodeFacts node,
        PeerPort peers) {
    /** Of a node without others. */
    public PartitionRuntime(
            LoopGroup loops, Executor coldReads, ByteBufAllocator allocator, PartitionEvents events, NodeFacts node) {
        this(loops, coldReads, allocator, events, node, PeerPort.NONE);
    }
}
