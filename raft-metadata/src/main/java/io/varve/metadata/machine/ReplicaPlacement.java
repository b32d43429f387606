// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;

/**
 * Chooses nodes for the replicas of new partitions. Nodes are put in a ring so that neighbours are on different racks
 * where possible; the preferred leader of each partition is one step further along it, its followers are the nodes
 * after it, at a distance that changes with every round. Nodes that may not lead now come last, and only when there
 * are not enough others.
 */
final class ReplicaPlacement {

    private final List<Integer> ring;
    private final List<Integer> spare;
    private final int start;

    ReplicaPlacement(MetadataImage image, long seed) {
        this.ring = interleaved(
                image.brokers().values().stream().filter(BrokerImage::eligible).toList());
        this.spare = image.brokers().values().stream()
                .filter(b -> !b.eligible())
                .map(BrokerImage::id)
                .toList();
        this.start = ring.isEmpty() ? 0 : Math.floorMod(scramble(seed), ring.size());
    }

    /** Replicas of one partition, the preferred leader first. There must be a node that may lead. */
    List<Integer> replicas(int partition, int replicationFactor) {
        int nodes = ring.size();
        int leaderAt = (start + partition) % nodes;
        int shift = partition / nodes;
        var replicas = new ArrayList<Integer>(replicationFactor);
        replicas.add(ring.get(leaderAt));
        for (int j = 0; replicas.size() < Math.min(replicationFactor, nodes); j++) {
            int step = 1 + (shift + j) % (nodes - 1);
            replicas.add(ring.get((leaderAt + step) % nodes));
        }
        for (int j = 0; replicas.size() < replicationFactor; j++) {
            replicas.add(spare.get((partition + j) % spare.size()));
        }
        return replicas;
    }

    private static List<Integer> interleaved(List<BrokerImage> brokers) {
        var racks = new TreeMap<String, Deque<Integer>>();
        for (var b : brokers) {
            racks.computeIfAbsent(b.rack(), rack -> new ArrayDeque<>()).add(b.id());
        }
        var ring = new ArrayList<Integer>();
        while (ring.size() < brokers.size()) {
            for (var rack : racks.values()) {
                var id = rack.poll();
                if (id != null) {
                    ring.add(id);
                }
            }
        }
        return ring;
    }

    /** The finaliser of SplitMix64: neighbouring seeds must not give neighbouring starts. */
    private static int scramble(long seed) {
        long z = seed + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return (int) (z ^ (z >>> 31));
    }
}
