// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.storage.LogId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A replica whose node came back without proof that nothing is missing is in neither set until it was taken in
 * again under its new broker epoch.
 */
final class UncleanStaysOut extends Invariant {
    /** By node: processes that began since the one that is registered, oldest first. */
    private final Map<Integer, List<Start>> started = new TreeMap<>();

    /** By partition: nodes that must first be taken in again, and the broker epoch of their registration. */
    private final Map<LogId, Map<Integer, Long>> out = new HashMap<>();

    UncleanStaysOut(Evidence evidence) {
        super("I24", evidence);
    }

    /** A process began on what the one before left. */
    private record Start(UUID incarnation, Stop before) {}

    @Override
    void started(int node, UUID incarnation, Stop before) {
        started.computeIfAbsent(node, n -> new ArrayList<>()).add(new Start(incarnation, before));
    }

    @Override
    void committed(MetadataImage now) {
        started.forEach((node, starts) -> now.broker(node)
                .filter(broker -> broker.epoch() == now.index()) // this entry is its registration
                .ifPresent(broker -> registered(
                        node, broker.epoch(), before(starts, broker.identity().incarnation()))));
    }

    /**
     * The worst that happened to the disk since the registration before. A registration may come so late that its process
     * has a successor: what happened in between is not what it speaks of.
     */
    private static Stop before(List<Start> starts, UUID incarnation) {
        Stop worst = Stop.CLEAN;
        int last = starts.size() - 1;
        while (last >= 0 && !starts.get(last).incarnation().equals(incarnation)) {
            last--;
        }
        for (; last >= 0; last--) {
            Stop before = starts.remove(last).before();
            worst = before.compareTo(worst) > 0 ? before : worst;
        }
        return worst;
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
                if (image.leader() == node
                        && image.lastUncleanEpoch() != image.leaderEpoch()
                        && !tookOver(partition, image, now)) {
                    fail(
                            partition.id,
                            "node " + node + " came back unclean and leads without having been in sync: " + image);
                }
                i.remove();
            }
        }
    }

    /**
     * Whether it was taken in and made the leader by one entry: a leader on its way out hands over to the first that it
     * can take in (P42), which makes two partition epochs.
     */
    private static boolean tookOver(PartitionTruth partition, PartitionImage image, MetadataImage now) {
        PartitionImage before = partition.before;
        return before != null
                && before.isr().contains(before.leader())
                && now.broker(before.leader())
                        .filter(b -> !b.fenced() && b.liveness().shuttingDown())
                        .isPresent()
                && !image.isr().contains(before.leader())
                && image.leaderEpoch() == before.leaderEpoch() + 1
                && image.partitionEpoch() == before.partitionEpoch() + 2;
    }
}
