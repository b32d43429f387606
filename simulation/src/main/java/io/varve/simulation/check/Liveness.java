// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import java.util.ArrayList;
import java.util.List;

/**
 * What a cluster comes back to by itself once nothing disturbs it (L1-L6): every partition has a leader, everybody who
 * lives is in sync, all logs end at one high watermark, nobody waits for an answer, nothing deleted is left,
 * nothing is under way between nodes.
 */
final class Liveness {
    private final Evidence evidence;

    Liveness(Evidence evidence) {
        this.evidence = evidence;
    }

    /** What is not so yet; empty when all is well. */
    List<Violation> missing() {
        List<Violation> missing = new ArrayList<>();
        MetadataImage image = evidence.cluster.committed();
        for (PartitionTruth partition : evidence.partitions()) {
            PartitionImage p = partition.image;
            if (p == null || partition.deleted) {
                leftovers(partition, missing);
            } else if (!p.hasLeader()) {
                missing.add(new Violation("L1", partition.id, "nobody leads: " + p));
            } else {
                inSync(partition, p, image, missing);
                equalLogs(partition, p, missing);
            }
        }
        for (int node : evidence.cluster.nodes()) {
            long bytes = evidence.cluster.bytesInFlight(node);
            if (bytes > 0) {
                missing.add(new Violation("L6", null, "node " + node + " counts " + bytes + " bytes as under way"));
            }
        }
        long unfinished = evidence.ledger.unfinished();
        if (unfinished > 0) {
            missing.add(new Violation("L4", null, unfinished + " batches were sent and neither stored nor failed"));
        }
        return missing;
    }

    private void inSync(PartitionTruth partition, PartitionImage p, MetadataImage image, List<Violation> missing) {
        for (int node : p.replicas()) {
            boolean lives = evidence.cluster.isRunning(node)
                    && !image.broker(node).map(BrokerImage::fenced).orElse(true);
            if (!lives) {
                missing.add(new Violation("L2", partition.id, "node " + node + " is fenced or does not run"));
            } else if (!p.isr().contains(node)) {
                missing.add(new Violation("L2", partition.id, "node " + node + " lives and is not in the isr: " + p));
            }
        }
    }

    private void equalLogs(PartitionTruth partition, PartitionImage p, List<Violation> missing) {
        long end = partition.committed.endOffset();
        for (int node : p.replicas()) {
            ReplicaView view = evidence.cluster.replica(node, partition.id);
            ReplicaMirror mirror = partition.replica(node);
            if (view == null || !view.isSound()) {
                missing.add(new Violation("L2", partition.id, "node " + node + " has no sound replica"));
            } else if (view.highWatermark() != end
                    || view.stagedEndOffset() != end
                    || view.writtenEndOffset() != end
                    || !partition.isHeldBy(mirror.log)) {
                missing.add(new Violation(
                        "L3",
                        partition.id,
                        "committed is everything below " + end + ", node " + node + " has high watermark "
                                + view.highWatermark() + ", end " + view.stagedEndOffset() + ", written "
                                + view.writtenEndOffset()));
            }
        }
    }

    private void leftovers(PartitionTruth partition, List<Violation> missing) {
        for (int node : evidence.cluster.nodes()) {
            if (evidence.cluster.replica(node, partition.id) != null) {
                missing.add(new Violation("L5", partition.id, "the topic is deleted, node " + node + " still has it"));
            }
        }
    }
}
