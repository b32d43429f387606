// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.storage.Durability;

/**
 * What a replica needs to know of its topic and node. All but the first two may change while it runs. *Immutable.*
 *
 * @param nodeId of this node
 * @param durability what counts as having a record (P14)
 * @param logAppendTime whether the leader's clock stamps the records ({@code message.timestamp.type=LogAppendTime})
 * @param timestamps what the records of producers may say; not looked at if the leader's clock stamps them
 * @param maxBatchBytes the topic's {@code max.message.bytes}
 * @param stagedBytesMax appends are refused while this much waits to be written
 */
public record ReplicaSettings(
        int nodeId,
        Durability durability,
        boolean logAppendTime,
        TimestampBounds timestamps,
        int maxBatchBytes,
        long stagedBytesMax) {
    /** Enough for half a second of a fast disk; beyond it a queue only adds latency. */
    public static final long DEFAULT_STAGED_BYTES_MAX = 64L << 20;

    /** Of a topic that takes any timestamp. */
    public ReplicaSettings(
            int nodeId, Durability durability, boolean logAppendTime, int maxBatchBytes, long stagedBytesMax) {
        this(nodeId, durability, logAppendTime, TimestampBounds.NONE, maxBatchBytes, stagedBytesMax);
    }
}
