// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.storage.Durability;
import java.util.List;
import java.util.Objects;

/**
 * The high watermark moves only with enough members in sync, each of the maximal set having acknowledged that
 * far by the durability of the topic; and the maximal set covers the controller's in-sync and eligible sets
 * while the epoch is current.
 */
final class HighWatermarkRule extends Invariant {
    HighWatermarkRule(Evidence evidence) {
        super("I13", evidence);
    }

    @Override
    void advanced(ReplicaMirror leader, ReplicaView view, int fromIndex) {
        PartitionTruth partition = leader.partition;
        long highWatermark = view.highWatermark();
        if (!view.isLeading()) {
            return;
        }
        if (view.isr().size() < min(leader)) {
            fail(
                    partition.id,
                    "leader " + leader.node + " moved the high watermark to " + highWatermark + " with isr "
                            + view.isr() + ", the minimum is " + min(leader));
        }
        for (int member : view.maximalIsr()) {
            ReplicaMirror replica = partition.replica(member);
            if (partition.hasLost(member)
                    || replica.awaitsRecovery
                    || (evidence.cluster.isRunning(member) && !evidence.isCurrent(member))) {
                continue; // what counts was said by a process before the one that runs, perhaps of another disk
            }
            ReplicaView now = evidence.sound(replica);
            if (now != null) {
                replica.seeEnds(now);
            }
            long safe = view.durability() == Durability.FLUSHED ? replica.flushedEndOffset : replica.writtenEndOffset;
            if (safe < highWatermark) {
                fail(
                        partition.id,
                        "leader " + leader.node + " moved the high watermark to " + highWatermark + ", but node "
                                + member + " of its maximal set " + view.maximalIsr() + " is safe only up to " + safe);
            }
        }
    }

    @Override
    void touched(ReplicaMirror replica, ReplicaView view) {
        if (view.isLeading()) {
            checkSuperset(replica, view);
        }
    }

    @Override
    void changed(PartitionTruth partition, MetadataImage now) {
        int leader = Objects.requireNonNull(partition.image).leader();
        ReplicaMirror replica = partition.replica(leader);
        ReplicaView view = evidence.sound(replica);
        if (view != null && view.isLeading()) {
            checkSuperset(replica, view);
        }
    }

    private void checkSuperset(ReplicaMirror leader, ReplicaView view) {
        PartitionImage image = leader.partition.image;
        if (image == null || image.leader() != leader.node || image.leaderEpoch() != view.leaderEpoch()) {
            return;
        }
        List<Integer> maximal = view.maximalIsr();
        boolean covered = maximal.containsAll(image.isr()) && maximal.containsAll(image.elr());
        if (!covered && view.isr().size() >= min(leader)) {
            fail(
                    leader.id(),
                    "leader " + leader.node + " counts on " + maximal + ", the controller has isr " + image.isr()
                            + " and elr " + image.elr());
        }
    }

    /** As the leader knows it: it is a field of the partition, under its partition epoch (P25). */
    private int min(ReplicaMirror leader) {
        MetadataImage known = evidence.cluster.appliedBy(leader.node);
        MetadataImage image = known == null ? evidence.cluster.committed() : known;
        return image.partition(leader.id().topicId(), leader.id().partition())
                .map(PartitionImage::effectiveMinIsr)
                .orElse(1);
    }
}
