// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.replication.replica.Resignation;

/** What a partition tells its node. Called on the partition's loop: an implementation enqueues and returns. */
public interface PartitionEvents {
    /** Nobody listens. */
    PartitionEvents NONE = new PartitionEvents() {
        @Override
        public void onResigned(Partition partition, Resignation resignation) {}

        @Override
        public void onFailed(Partition partition, Throwable cause) {}
    };

    /**
     * The replica cannot lead any more, or can again: to be told the controller. Said again every second until the metadata shows that it was heard.
     */
    void onResigned(Partition partition, Resignation resignation);

    /** An invariant broke, or the copy is damaged, which is a {@link DamageException} and to be told the controller: the replica is stopped for good, others go on. */
    void onFailed(Partition partition, Throwable cause);
}
