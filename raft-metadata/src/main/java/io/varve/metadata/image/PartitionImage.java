// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

import java.util.List;
import java.util.UUID;

/**
 * One partition: who holds it, who is in sync, who leads. *Immutable.*
 *
 * <p>Invariants (I14), checked whenever a command changes one: {@code isr ∩ elr = ∅}, {@code isr ∪ elr ⊆ replicas},
 * {@code leader ∈ isr} unless there is none, {@code |isr| ≥ min ⇒ elr = ∅}, no fenced node in {@code isr}.
 *
 * @param partitionEpoch grows with every change of anything here
 * @param minIsr as configured; {@link #effectiveMinIsr} is what counts
 * @param lastUncleanEpoch the leader epoch that began by an unclean election, 0 for never
 */
public record PartitionImage(
        int partition,
        Assignment assignment,
        InSync inSync,
        Leadership leadership,
        int partitionEpoch,
        int minIsr,
        Durability durability,
        int lastUncleanEpoch) {

    /** In place of a node id: nobody leads. */
    public static final int NO_LEADER = 0;

    /**
     * @param replicas node ids, the preferred leader first
     * @param directories for each replica the directory that holds it
     */
    public record Assignment(List<Integer> replicas, List<UUID> directories) {
        public Assignment {
            replicas = List.copyOf(replicas);
            directories = List.copyOf(directories);
        }
    }

    /**
     * @param isr node ids in sync, in the order of the replicas
     * @param elr node ids that hold every committed record although they left the isr
     * @param lastKnownElr node ids that were the last to hold everything, but may have lost some of it
     */
    public record InSync(List<Integer> isr, List<Integer> elr, List<Integer> lastKnownElr) {
        public InSync {
            isr = List.copyOf(isr);
            elr = List.copyOf(elr);
            lastKnownElr = List.copyOf(lastKnownElr);
        }
    }

    /**
     * @param leader node id, or {@link #NO_LEADER}
     * @param leaderEpoch at least 1; grows with every election and every loss of a leader
     */
    public record Leadership(int leader, int leaderEpoch) {}

    public List<Integer> replicas() {
        return assignment.replicas();
    }

    public List<Integer> isr() {
        return inSync.isr();
    }

    public List<Integer> elr() {
        return inSync.elr();
    }

    public List<Integer> lastKnownElr() {
        return inSync.lastKnownElr();
    }

    /** Node id, or {@link #NO_LEADER}. */
    public int leader() {
        return leadership.leader();
    }

    public boolean hasLeader() {
        return leader() != NO_LEADER;
    }

    public int leaderEpoch() {
        return leadership.leaderEpoch();
    }

    /** Members that acks=all and the high watermark need: {@code min(minIsr, |replicas|)} (P25). */
    public int effectiveMinIsr() {
        return Math.min(minIsr, replicas().size());
    }

    /** This partition in its next partition epoch (P1: any change bumps it). */
    public PartitionImage next(InSync nextInSync, Leadership nextLeadership) {
        return new PartitionImage(
                partition,
                assignment,
                nextInSync,
                nextLeadership,
                partitionEpoch + 1,
                minIsr,
                durability,
                lastUncleanEpoch);
    }

    public PartitionImage nextUnclean(InSync nextInSync, Leadership nextLeadership) {
        return new PartitionImage(
                partition,
                assignment,
                nextInSync,
                nextLeadership,
                partitionEpoch + 1,
                minIsr,
                durability,
                nextLeadership.leaderEpoch());
    }

    public PartitionImage nextMinIsr(int nextMinIsr, InSync nextInSync) {
        return new PartitionImage(
                partition,
                assignment,
                nextInSync,
                leadership,
                partitionEpoch + 1,
                nextMinIsr,
                durability,
                lastUncleanEpoch);
    }

    /** The same state in the next partition epoch: voids every proposal made against this one (P21). */
    public PartitionImage nextEpoch() {
        return next(inSync, leadership);
    }
}
