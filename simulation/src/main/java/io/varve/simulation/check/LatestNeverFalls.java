// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.storage.LogId;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The latest offset that leaders tell never falls from an epoch to a later one, nor for one client.
 */
final class LatestNeverFalls extends Invariant {
    private final Map<LogId, NavigableMap<Integer, Long>> served = new HashMap<>();
    private final Map<String, Long> seen = new HashMap<>();

    LatestNeverFalls(Evidence evidence) {
        super("I12", evidence);
    }

    @Override
    void latestServed(PartitionTruth partition, int node, int leaderEpoch, long offset) {
        if (leaderEpoch < partition.uncleanEpoch()) {
            return;
        }
        NavigableMap<Integer, Long> byEpoch = served.computeIfAbsent(partition.id, id -> new TreeMap<>());
        for (Map.Entry<Integer, Long> other : byEpoch.entrySet()) {
            boolean earlier = other.getKey() <= leaderEpoch;
            if (earlier ? offset < other.getValue() : offset > other.getValue()) {
                fail(
                        partition.id,
                        "node " + node + " says in epoch " + leaderEpoch + " that the latest offset is " + offset
                                + ", in epoch " + other.getKey() + " it was " + other.getValue());
                return;
            }
        }
        byEpoch.merge(leaderEpoch, offset, Math::max);
    }

    @Override
    void latestSeen(int consumer, PartitionTruth partition, int leaderEpoch, long offset) {
        if (leaderEpoch < partition.uncleanEpoch()) {
            return;
        }
        Long before = seen.put(consumer + "@" + partition.id, offset);
        if (before != null && offset < before) {
            fail(
                    partition.id,
                    "consumer " + consumer + " was told latest offset " + before + " and then, in epoch " + leaderEpoch
                            + ", " + offset);
        }
    }

    @Override
    void forgiven(PartitionTruth partition) {
        served.remove(partition.id);
        seen.keySet().removeIf(key -> key.endsWith("@" + partition.id));
    }
}
