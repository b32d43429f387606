// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import java.util.Objects;

/**
 * Every running member of the controller's in-sync and eligible sets, under its registered broker epoch, holds
 * everything that is committed. The earliest sign of most faults.
 */
final class CandidateCompleteness extends Invariant {
    CandidateCompleteness(Evidence evidence) {
        super("I3", evidence);
    }

    @Override
    void advanced(ReplicaMirror leader, ReplicaView view, int fromIndex) {
        checkAll(leader.partition);
    }

    @Override
    void changed(PartitionTruth partition, MetadataImage now) {
        checkAll(partition);
    }

    @Override
    void touched(ReplicaMirror replica, ReplicaView view) {
        check(replica);
    }

    @Override
    void full(long round) {
        evidence.partitions().forEach(this::checkAll);
    }

    private void checkAll(PartitionTruth partition) {
        PartitionImage image = partition.image;
        if (image != null && !partition.deleted && partition.committed.size() > 0) {
            image.isr().forEach(node -> check(partition.replica(node)));
            image.elr().forEach(node -> check(partition.replica(node)));
        }
    }

    private void check(ReplicaMirror replica) {
        PartitionTruth partition = replica.partition;
        if (partition.isHeldBy(replica.log)
                || partition.deleted
                || replica.awaitsRecovery
                || !partition.isMember(replica.node)
                || !evidence.isCurrent(replica.node)) {
            return;
        }
        ReplicaView view = evidence.cluster.replica(replica.node, partition.id);
        if (view == null || view.isSound()) {
            PartitionImage image = Objects.requireNonNull(partition.image);
            fail(
                    partition.id,
                    "node " + replica.node + " of isr " + image.isr() + " and elr " + image.elr()
                            + " lacks what is committed: " + partition.difference(replica.log));
        }
    }
}
