/**
 * The public data services: produce, subscribe, list offsets, and append and read for programs without a batch codec. They turn messages into appends
 * and readers of {@code io.varve.replication} and its answers into messages, and bound what each client can make the node hold. They know partitions
 * through {@link io.varve.node.data.PartitionLookup} only, nothing of metadata or Raft.
 *
 * <p>Streams live on the event loop of their connection. A partition's loop never frames a message: it leaves results and deliveries in a stream's
 * queue, and the event loop takes them from there.
 */
@NullMarked
package io.varve.node.data;

import org.jspecify.annotations.NullMarked;
