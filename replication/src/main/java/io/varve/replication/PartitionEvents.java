// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

/** What a partition tells its node. Called on the partition's loop: an implementation enqueues and returns. */
public interface PartitionEvents {
    /** Nobody listens. */
    PartitionEvents NONE = new PartitionEvents() {
        @Override
        public void onResigned(Partition partition, int leaderEpoch, RejectReason reason, String detail) {}

        @Override
        public void onFailed(Partition partition, Throwable cause) {}
    };

    /**
     * The replica gave up leading under {@code leaderEpoch}, since a write or flush failed. The controller is to be asked for a new epoch, after
     * {@link Partition#reopen()} if this is the sole replica.
     */
    void onResigned(Partition partition, int leaderEpoch, RejectReason reason, String detail);

    /** An invariant broke: the replica is stopped for good, others go on. */
    void onFailed(Partition partition, Throwable cause);
}
