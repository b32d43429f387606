// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.replication.replica.Resignation;
import io.varve.storage.Damage;
import io.varve.storage.PartitionLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells why a replica stopped or resigned: the log for people, the node, and of damage also the disk. *Confined to the partition loop.* */
final class ReplicaFailures {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaFailures.class);

    private final Partition partition;
    private final PartitionLog log;
    private final PartitionEvents events;

    ReplicaFailures(Partition partition, PartitionLog log, PartitionEvents events) {
        this.partition = partition;
        this.log = log;
        this.events = events;
    }

    void resigned(Resignation resignation) {
        LOG.warn(
                "partition {} epoch {}: resigns: {}, {}",
                partition.name(),
                resignation.leaderEpoch(),
                resignation.reason(),
                resignation.detail());
        events.onResigned(partition, resignation);
    }

    void stopped(int leaderEpoch, InvariantException cause) {
        if (cause instanceof DamageException) {
            LOG.error(
                    "partition {} epoch {}: stopped, it takes and gives nothing more until it was copied anew: {}",
                    partition.name(),
                    leaderEpoch,
                    cause.getMessage());
            // Marked first: what the controller hears must be true after a crash.
            var unused = log.markDamaged(String.valueOf(cause.getMessage()))
                    .whenComplete((marked, failure) -> events.onFailed(partition, cause));
        } else {
            LOG.error(
                    "partition {} epoch {}: stopped, it takes and gives nothing more until the node restarts",
                    partition.name(),
                    leaderEpoch,
                    cause);
            events.onFailed(partition, cause);
        }
    }

    /** Damage of the only copy. */
    void goesOn(Damage damage) {
        LOG.error(
                "partition {}: damaged at offset {}, and no other replica that is in sync is there: it goes on, reads of what is damaged are refused",
                partition.name(),
                damage.offset());
    }
}
