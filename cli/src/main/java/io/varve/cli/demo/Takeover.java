// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.demo;

import io.varve.cli.local.TemporaryCluster;
import io.varve.proto.v1.PartitionListing;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The leader of the busiest partition is killed, and others take over what it led. Confined to one thread. */
final class Takeover {
    private final TemporaryCluster cluster;
    private final Display display;
    private final Pauses pauses;
    private final int victim;
    // Partitions that have no new leader yet, and those without an acknowledgement since.
    private final Set<Integer> leaderless = new TreeSet<>();
    private final Set<Integer> silent = new TreeSet<>();
    private long killedNanos;

    /** @param partitions as they are before */
    Takeover(TemporaryCluster cluster, Display display, Pauses pauses, List<PartitionListing> partitions, int victim) {
        this.cluster = cluster;
        this.display = display;
        this.pauses = pauses;
        this.victim = victim;
        for (PartitionListing partition : partitions) {
            if (partition.getLeader() == victim) {
                leaderless.add(partition.getPartition());
                silent.add(partition.getPartition());
            }
        }
    }

    void kill(int busiest, boolean controller) {
        display.event("kill -9 of node " + victim + ": it leads "
                + (leaderless.size() == 1 ? "partition " : "partitions ")
                + leaderless.stream().map(String::valueOf).collect(Collectors.joining(", "))
                + (leaderless.size() == 1 ? "" : ", of all partitions " + busiest + " is the busiest")
                + (controller ? ", and is the active controller" : ""));
        killedNanos = System.nanoTime();
        pauses.killed(killedNanos);
        cluster.kill(victim);
    }

    /** Tells what is new. */
    void look(List<PartitionListing> now) {
        for (PartitionListing partition : now) {
            int leader = partition.getLeader();
            if (leader != 0 && leader != victim && leaderless.remove(partition.getPartition())) {
                display.event("partition %d: node %d -> node %d after %s, epoch %d"
                        .formatted(
                                partition.getPartition(),
                                victim,
                                leader,
                                Display.span(millisSinceKill()),
                                partition.getLeaderEpoch()));
            }
        }
        for (int partition : List.copyOf(silent)) {
            long millis = pauses.firstAfterKillMillis(partition);
            if (millis >= 0) {
                silent.remove(partition);
                display.event(
                        "partition %d: first acknowledgement after %s".formatted(partition, Display.span(millis)));
            }
        }
    }

    boolean hasLeaders() {
        return leaderless.isEmpty();
    }

    boolean isComplete() {
        return leaderless.isEmpty() && silent.isEmpty();
    }

    long millisSinceKill() {
        return (System.nanoTime() - killedNanos) / 1_000_000;
    }
}
