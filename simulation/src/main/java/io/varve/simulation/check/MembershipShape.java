// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import java.util.Objects;

/**
 * The in-sync and eligible sets of a partition do not overlap and are among its replicas; the leader is in sync;
 * nobody is eligible beside enough in sync; no fenced node is in sync.
 */
final class MembershipShape extends Invariant {
    MembershipShape(Evidence evidence) {
        super("I14", evidence);
    }

    @Override
    void changed(PartitionTruth partition, MetadataImage now) {
        check(partition, Objects.requireNonNull(partition.image), now);
    }

    @Override
    void committed(MetadataImage now) {
        for (PartitionTruth partition : evidence.partitions()) {
            PartitionImage image = partition.image;
            if (image != null && !partition.deleted) {
                checkFenced(partition, image, now);
            }
        }
    }

    private void check(PartitionTruth partition, PartitionImage p, MetadataImage now) {
        String wrong = null;
        if (p.isr().stream().anyMatch(p.elr()::contains)) {
            wrong = "isr and elr overlap";
        } else if (!p.replicas().containsAll(p.isr()) || !p.replicas().containsAll(p.elr())) {
            wrong = "a member holds no replica";
        } else if (p.hasLeader() && !p.isr().contains(p.leader())) {
            wrong = "the leader is not in sync";
        } else if (p.isr().size() >= p.effectiveMinIsr() && !p.elr().isEmpty()) {
            wrong = "there is an elr beside " + p.isr().size() + " in sync, the minimum being " + p.effectiveMinIsr();
        }
        if (wrong != null) {
            fail(partition.id, wrong + " at index " + now.index() + ": " + p);
        }
    }

    private void checkFenced(PartitionTruth partition, PartitionImage p, MetadataImage now) {
        for (int node : p.isr()) {
            if (now.broker(node).map(BrokerImage::fenced).orElse(true)) {
                fail(partition.id, "node " + node + " is fenced and in the isr at index " + now.index() + ": " + p);
            }
        }
    }
}
