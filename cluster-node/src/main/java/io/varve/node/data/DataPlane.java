// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.Executor;

/**
 * What the data services share. *Thread-safe.*
 *
 * @param budget of batches received and not yet acknowledged, for the whole node
 * @param workers the event loops of the connections; also the timers of streams
 * @param answers frames the answers of unary calls; may be the executor that these calls run on
 * @param allocator of received batches
 */
public record DataPlane(
        PartitionLookup lookup,
        AppendGate gate,
        ByteBudget budget,
        EventLoopGroup workers,
        Executor answers,
        ByteBufAllocator allocator,
        DataLimits limits) {}
