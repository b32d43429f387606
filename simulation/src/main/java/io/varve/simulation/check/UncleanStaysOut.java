// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.storage.LogId;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A replica whose node came back without proof that nothing is missing is in neither set until it was taken in
 * again under its new broker epoch.
 */
final class UncleanStaysOut extends Invariant {
    private final Map<Integer, Stop> restarted = new TreeMap<>();

    /** By partition: nodes that must first be taken in again, and the broker epoch of their registration. */
    private final Map<LogId, Map<Integer, Long>> out = new HashMap<>();

    UncleanStaysOut(Evidence evidence) {
        super("I24", evidence);
    }

    @Override
    void started(int node, Stop before) {
        restarted.merge(node, before, (a, b) -> a.compareTo(b) > 0 ? a : b);
    }

    @Override
    void committed(MetadataImage now) {
        for (Iterator<Map.Entry<Integer, Stop>> i = restarted.entrySet().iterator(); i.hasNext(); ) {
            Map.Entry<Integer, Stop> restart = i.next();
            int node = restart.getKey();
            long epoch = now.broker(node).map(BrokerImage::epoch).orElse(-1L);
            if (epoch == now.index()) {
                // This entry is its registration.
                i.remove();
                registered(node, epoch, restart.getValue());
            }
        }
    }

    private void registered(int node, long epoch, Stop before) {
        for (PartitionTruth partition : evidence.partitions()) {
            PartitionImage image = partition.image;
            boolean unclean = before == Stop.OTHER_DISK || (before != Stop.CLEAN && partition.isWritten());
            if (image == null
                    || partition.deleted
                    || !unclean
                    || !image.replicas().contains(node)) {
                continue;
            }
            if (partition.isMember(node)) {
                fail(
                        partition.id,
                        "node " + node + " registered as epoch " + epoch + " after " + before
                                + " and is still a member: " + image);
            }
            out.computeIfAbsent(partition.id, id -> new TreeMap<>()).put(node, epoch);
        }
    }

    @Override
    void changed(PartitionTruth partition, MetadataImage now) {
        PartitionImage image = Objects.requireNonNull(partition.image);
        Map<Integer, Long> nodes = out.getOrDefault(partition.id, Map.of());
        for (Iterator<Map.Entry<Integer, Long>> i = nodes.entrySet().iterator(); i.hasNext(); ) {
            Map.Entry<Integer, Long> entry = i.next();
            int node = entry.getKey();
            if (image.elr().contains(node)) {
                fail(
                        partition.id,
                        "node " + node + " came back unclean and is eligible without having been in sync: " + image);
            } else if (image.isr().contains(node)) {
                if (image.leader() == node && image.lastUncleanEpoch() != image.leaderEpoch()) {
                    fail(
                            partition.id,
                            "node " + node + " came back unclean and leads without having been in sync: " + image);
                }
                i.remove();
            }
        }
    }
}
