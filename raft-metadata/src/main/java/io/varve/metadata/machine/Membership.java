// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.PartitionImage.InSync;
import io.varve.metadata.image.PartitionImage.Leadership;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/**
 * Who is in sync and who leads, when members come and go (P24, P27). Each method gives the partition as it must be
 * next, the same one if nothing changes.
 */
final class Membership {

    private Membership() {}

    /** These nodes leave the isr; they stay in the elr where the rule says so. A leader among them is replaced. */
    static PartitionImage without(PartitionImage p, Set<Integer> leaving, IntPredicate eligible) {
        if (p.isr().stream().noneMatch(leaving::contains)) {
            return p;
        }
        var isr = p.isr().stream().filter(n -> !leaving.contains(n)).toList();
        var lost = leaving.contains(p.leader());
        var leadership = lost ? new Leadership(PartitionImage.NO_LEADER, p.leaderEpoch() + 1) : p.leadership();
        var next = p.next(inSync(p, isr), leadership);
        if (!lost) {
            return next;
        }
        // The loss has already cost an epoch; electing in the same entry needs no second one.
        return candidate(next, eligible)
                .map(c -> elected(next, p.partitionEpoch() + 1, c, next.leaderEpoch()))
                .orElse(next);
    }

    /** A node that may have lost records leaves the elr too (P28); call {@link #without} first. */
    static PartitionImage forget(PartitionImage p, int node) {
        if (!p.elr().contains(node)) {
            return p;
        }
        var elr = p.elr().stream().filter(n -> n != node).toList();
        var lastKnown = new TreeSet<>(p.lastKnownElr());
        lastKnown.add(node);
        return p.next(new InSync(p.isr(), elr, inOrder(p, lastKnown)), p.leadership());
    }

    /** Elects a leader if there is none and a candidate is there (P27). */
    static PartitionImage elect(PartitionImage p, IntPredicate eligible) {
        return p.hasLeader()
                ? p
                : candidate(p, eligible)
                        .map(c -> elected(p, p.partitionEpoch() + 1, c, p.leaderEpoch() + 1))
                        .orElse(p);
    }

    /** The state of sync after the isr became this (P24). */
    static InSync inSync(PartitionImage p, Collection<Integer> newIsr) {
        if (newIsr.size() >= p.effectiveMinIsr()) {
            return new InSync(inOrder(p, newIsr), List.of(), List.of());
        }
        var elr = new TreeSet<>(p.isr());
        elr.addAll(p.elr());
        elr.removeAll(newIsr);
        var lastKnown = new TreeSet<>(p.lastKnownElr());
        lastKnown.removeAll(newIsr);
        return new InSync(inOrder(p, newIsr), inOrder(p, elr), inOrder(p, lastKnown));
    }

    /** By replica order: an eligible member of the isr; only if that is empty, one of the elr (P27). */
    static Optional<Integer> candidate(PartitionImage p, IntPredicate eligible) {
        var from = p.isr().isEmpty() ? p.elr() : p.isr();
        return p.replicas().stream()
                .filter(from::contains)
                .filter(eligible::test)
                .findFirst();
    }

    private static PartitionImage elected(PartitionImage p, int partitionEpoch, int leader, int leaderEpoch) {
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
        return p.replicas().stream().filter(nodes::contains).toList();
    }
}
