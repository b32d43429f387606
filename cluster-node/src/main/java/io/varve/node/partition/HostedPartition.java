// SPDX-License-Identifier: Apache-2.0
package io.varve.node.partition;

import io.varve.replication.Partition;
import io.varve.storage.PartitionLog;

/**
 * A replica on this node. <i>Immutable</i>; what it holds is thread-safe.
 *
 * @param topic the name of its topic
 */
public record HostedPartition(String topic, Partition partition, PartitionLog log) {

    public int number() {
        return partition.id().partition();
    }
}
