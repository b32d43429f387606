// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.PartitionImage.InSync;
import io.varve.metadata.image.PartitionImage.Leadership;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Who is in sync and who leads, when members come and go (P24, P27). Each method gives the partition as it must be
 * next, the same one if nothing changes. *Immutable.*
 */
final class Membership {

    private final MachineRules rules;

    Membership(MachineRules rules) {
        this.rules = rules;
    }

    /** These nodes leave the isr; they stay in the elr where the rule says so. A leader among them is replaced. */
    PartitionImage without(PartitionImage p, Set<Integer> leaving, IntPredicate eligible) {
        var isr = remaining(p, leaving);
        boolean lost = leaving.contains(p.leader());
        if (isr.size() == p.isr().size() && !lost) {
            return p;
        }
        var leadership = lost ? new Leadership(PartitionImage.NO_LEADER, p.leaderEpoch() + 1) : p.leadership();
        var next = p.next(inSync(p, isr), leadership);
        var candidate = next.hasLeader() ? OptionalInt.empty() : candidate(next, eligible);
        // A loss has already cost an epoch; electing in the same entry needs no second one.
        return candidate.isPresent()
                ? elected(next, p.partitionEpoch() + 1, candidate.getAsInt(), p.leaderEpoch() + 1)
                : next;
    }

    private List<Integer> remaining(PartitionImage p, Set<Integer> leaving) {
        var isr = new ArrayList<Integer>(p.isr().size());
        for (var n : p.isr()) {
            if (!leaving.contains(n)) {
                isr.add(n);
            }
        }
        boolean lastStands = !rules.keep(MachineRule.OLD_KAFKA_NO_ELR_LAST_STANDING);
        if (lastStands && isr.isEmpty() && !p.isr().isEmpty()) {
            isr.add(p.hasLeader() ? p.leader() : p.isr().get(0));
        }
        return isr;
    }

    /** A node on its way out leaves the isr, and leads no more, if another member can do without it (P42). */
    PartitionImage handOver(PartitionImage p, int node, IntPredicate eligible) {
        if (!p.isr().contains(node)) {
            return p;
        }
        for (int other : p.isr()) {
            if (other != node && eligible.test(other)) {
                return without(p, Set.of(node), eligible);
            }
        }
        return p;
    }

    /** A node that may have lost records leaves the elr too (P28); call {@link #without} first. */
    PartitionImage forget(PartitionImage p, int node) {
        if (!p.elr().contains(node)) {
            return p;
        }
        var elr = new ArrayList<>(p.elr());
        elr.remove((Integer) node);
        var lastKnown = new ArrayList<>(p.lastKnownElr());
        lastKnown.add(node);
        return p.next(new InSync(p.isr(), elr, inOrder(p, lastKnown)), p.leadership());
    }

    /** Nobody is known to hold everything but the isr; who was remains among those to be asked (P31). */
    InSync withoutElr(PartitionImage p) {
        var lastKnown = new ArrayList<>(p.lastKnownElr());
        lastKnown.addAll(p.elr());
        return new InSync(p.isr(), List.of(), inOrder(p, lastKnown));
    }

    /** Elects a leader if there is none and a candidate is there (P27). */
    PartitionImage elect(PartitionImage p, IntPredicate eligible) {
        if (p.hasLeader()) {
            return p;
        }
        var candidate = candidate(p, eligible);
        return candidate.isPresent()
                ? elected(p, p.partitionEpoch() + 1, candidate.getAsInt(), p.leaderEpoch() + 1)
                : p;
    }

    /** The state of sync after the isr became this (P24). */
    InSync inSync(PartitionImage p, Collection<Integer> newIsr) {
        if (!rules.keep(MachineRule.OLD_KAFKA_NO_ELR_LAST_STANDING)) {
            return new InSync(inOrder(p, newIsr), List.of(), List.of());
        }
        boolean enough = newIsr.size() >= p.effectiveMinIsr();
        if (enough && rules.keep(MachineRule.ELR_NOT_CLEARED)) {
            return new InSync(inOrder(p, newIsr), List.of(), List.of());
        }
        var elr = new ArrayList<>(p.elr());
        if (!enough) {
            elr.addAll(p.isr());
        }
        elr.removeAll(newIsr);
        var lastKnown = new ArrayList<>(p.lastKnownElr());
        lastKnown.removeAll(newIsr);
        return new InSync(inOrder(p, newIsr), inOrder(p, elr), inOrder(p, lastKnown));
    }

    /** By replica order: an eligible member of the isr; only if that is empty, one of the elr (P27). */
    OptionalInt candidate(PartitionImage p, IntPredicate eligible) {
        var from = p.isr().isEmpty() ? p.elr() : p.isr();
        for (int node : p.replicas()) {
            if (from.contains(node) && eligible.test(node)) {
                return OptionalInt.of(node);
            }
        }
        return OptionalInt.empty();
    }

    private PartitionImage elected(PartitionImage p, int partitionEpoch, int leader, int leaderEpoch) {
        var inSync = p.isr().contains(leader) ? p.inSync() : inSync(p, List.of(leader));
        return new PartitionImage(
                p.partition(),
                p.assignment(),
                inSync,
                new Leadership(leader, leaderEpoch),
                partitionEpoch,
                p.minIsr(),
                p.durability(),
                p.lastUncleanEpoch());
    }

    private static List<Integer> inOrder(PartitionImage p, Collection<Integer> nodes) {
        var ordered = new ArrayList<Integer>(nodes.size());
        for (var node : p.replicas()) {
            if (nodes.contains(node)) {
                ordered.add(node);
            }
        }
        return ordered;
    }
}
