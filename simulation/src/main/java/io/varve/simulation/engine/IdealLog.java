// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.QuorumListener;
import io.varve.metadata.controller.CommandPort;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.machine.Applied;
import io.varve.metadata.machine.ApplyContext;
import io.varve.metadata.machine.MetadataMachine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The controllers' Raft log, without Raft: commands become committed in one order, for ever, while a majority of voters is up and connected to the leader.
 * Everything else that Raft may do to its users happens: leaders fail over with a delay, a deposed one believes in itself for a while, its last commands are
 * committed by the next leader or lost, commands are committed late or twice, answers get lost, voters apply late or jump over many commands at once.
 */
public final class IdealLog {
    static final long RETRY_NANOS = 50_000_000L;

    private static final long TICK_NANOS = 100_000_000L;
    private static final long COMMIT_NANOS = 1_500_000L;
    private static final long APPLY_NANOS = 1_000_000L;

    private final Scheduler scheduler;
    private final SimRandom random;
    private final MetadataMachine machine;
    private final Reach reach;
    private final Map<Integer, Voter> voters = new TreeMap<>();
    private final List<IdealCommit> commits = new ArrayList<>();
    private final Deque<IdealEntry> uncommitted = new ArrayDeque<>(); // of the leader
    private MetadataImage image = MetadataImage.EMPTY;
    private @Nullable Voter leader;
    private long term;
    private long index;
    private boolean termBegun; // the leader's first entry, which no listener sees, is committed
    private boolean committing;
    private long leaderlessSince;
    private long patienceNanos;
    private double lostReplies;
    private double duplicates;
    private double jumps = 0.02;
    private long elections;
    private Consumer<MetadataImage> commitListener = image -> {};

    public IdealLog(Scheduler scheduler, SimRandom random, MetadataMachine machine, Reach reach) {
        this.scheduler = scheduler;
        this.random = random.stream("ideal log");
        this.machine = machine;
        this.reach = reach;
        drawPatience();
        scheduler.after(TICK_NANOS, "raft tick", this::tick);
    }

    /** Whether messages get from one node to another. */
    @FunctionalInterface
    public interface Reach {
        boolean reaches(int from, int to);
    }

    /** A voter; all of them before time passes. */
    public void addVoter(NodeProcess process) {
        voters.put(process.node(), new Voter(this, process, random.stream("voter", process.node())));
    }

    /**
     * In every new process of a voter. The listener is called in events of that process, first with an image.
     *
     * @return where its controller's commands go, until the process ends
     */
    public CommandPort start(int voter, QuorumListener listener) {
        Voter one = voter(voter);
        one.start(listener);
        return one;
    }

    /** The newest that was applied on this voter. */
    public MetadataImage image(int voter) {
        return voter(voter).image();
    }

    /** The newest that is committed. */
    public MetadataImage committed() {
        return image;
    }

    /** The true leader; 0 while there is none. Others may believe that they are. */
    public int leader() {
        return leader == null ? 0 : leader.node();
    }

    /** Whether this voter believes that it leads and has said so to its listener. */
    public boolean isReady(int voter) {
        return voter(voter).isReady();
    }

    public long term() {
        return term;
    }

    /** Whether this voter hears from the leader, so that it cannot be behind without knowing. */
    public boolean isInTouch(int voter) {
        return reaches(voter(voter));
    }

    /** Told of every entry at the moment of its commit, in order. */
    public void onCommit(Consumer<MetadataImage> listener) {
        commitListener = listener;
    }

    public long elections() {
        return elections;
    }

    // ---- faults

    /** Another voter is elected although nothing is wrong with the leader, which hears of it late. */
    public void failover() {
        Voter old = leader;
        if (old != null) {
            elect(old);
        }
    }

    /** Probabilities that a command's answer is lost, and that it is committed twice. */
    public void setAmbiguity(double lost, double twice) {
        lostReplies = lost;
        duplicates = twice;
    }

    /** Probability that a voter which is behind gets a snapshot instead of the commands. */
    public void setSnapshots(double probability) {
        jumps = probability;
    }

    /** This voter applies that much later, on average; 0 for as soon as possible. */
    public void slowApply(int voter, long meanNanos) {
        voter(voter).setSlowNanos(meanNanos);
    }

    // ---- who leads

    private void tick() {
        scheduler.after(TICK_NANOS, "raft tick", this::tick);
        Voter now = leader;
        if (now != null && now.up() && now.believesToLead() && hasMajority(now)) {
            leaderlessSince = scheduler.now();
            commitLater();
        } else if (scheduler.now() - leaderlessSince > patienceNanos) {
            elect(null);
        }
        voters.values().forEach(Voter::pump);
    }

    private void drawPatience() {
        patienceNanos = random.between(300_000_000L, 1_500_000_000L);
    }

    private void elect(@Nullable Voter not) {
        List<Voter> candidates = new ArrayList<>();
        for (Voter voter : voters.values()) {
            if (voter != not && voter.up() && hasMajority(voter)) {
                candidates.add(voter);
            }
        }
        if (candidates.isEmpty()) {
            return;
        }
        Voter old = leader;
        long oldTerm = term;
        Voter next = random.pick(candidates);
        elections++;
        term++;
        leader = next;
        termBegun = false;
        leaderlessSince = scheduler.now();
        drawPatience();
        // What the old leader had not committed: a beginning of it may have reached the new one.
        int kept = random.nextInt(uncommitted.size() + 1);
        while (uncommitted.size() > kept) {
            uncommitted.removeLast();
        }
        if (old != null && old != next) {
            stepDownLate(old, next, oldTerm);
        }
        scheduler.trace().event(scheduler.now(), next.node(), "raft election", term);
        next.lead(term);
        commitLater();
    }

    private void stepDownLate(Voter old, Voter next, long oldTerm) {
        if (!old.process().alive()) {
            return;
        }
        boolean connected = reach.reaches(old.node(), next.node()) && reach.reaches(next.node(), old.node());
        long delay = connected && random.nextBoolean()
                ? random.exponential(20_000_000L)
                : random.between(100_000_000L, 2_500_000_000L);
        old.process().afterVirtual(delay, "deposed", oldTerm, () -> old.stepDown(oldTerm));
    }

    private boolean hasMajority(Voter of) {
        int count = 0;
        for (Voter voter : voters.values()) {
            if (voter.up() && (voter == of || connected(of, voter))) {
                count++;
            }
        }
        return 2 * count > voters.size();
    }

    private boolean connected(Voter a, Voter b) {
        return reach.reaches(a.node(), b.node()) && reach.reaches(b.node(), a.node());
    }

    // ---- commands

    /** Overtaken, now and then, by everything that is said for seconds: its sender has long asked again. */
    void append(Voter by, IdealEntry entry) {
        if (duplicates > 0 && random.chance(duplicates)) {
            scheduler.after(random.logUniform(50_000_000L, 4_000_000_000L), "raft late", () -> add(by, entry));
        } else {
            add(by, entry);
        }
    }

    private void add(Voter by, IdealEntry entry) {
        if (by != leader || entry.term != term) {
            return; // a deposed leader's: nobody will ever see it
        }
        uncommitted.add(entry);
        commitLater();
    }

    private void commitLater() {
        if (committing || (uncommitted.isEmpty() && termBegun)) {
            return;
        }
        committing = true;
        long of = term;
        scheduler.at(
                scheduler.now() + COMMIT_NANOS / 2 + random.exponential(COMMIT_NANOS),
                leader(),
                "raft commit",
                null,
                () -> {
                    committing = false;
                    if (term == of) {
                        commit();
                    } else {
                        commitLater();
                    }
                });
    }

    private void commit() {
        Voter by = leader;
        if (by == null || !by.up() || !by.believesToLead() || !hasMajority(by)) {
            return; // the tick tries again, or elects another
        }
        while (!uncommitted.isEmpty()) {
            commit(uncommitted.remove());
        }
        if (!termBegun) {
            // A leader's first entry carries no command, but has an index.
            termBegun = true;
            index++;
        }
        voters.values().forEach(Voter::pump);
        by.becomeReady();
    }

    private void commit(IdealEntry entry) {
        index++;
        Applied applied = machine.apply(image, new ApplyContext(index, entry.term), entry.bytes);
        if (applied.fatal().isPresent()) {
            throw new IllegalStateException(
                    "metadata entry " + index + ": " + applied.fatal().get());
        }
        image = applied.image();
        commitListener.accept(image);
        scheduler.trace().fact(index * 31 + applied.delta().records().size());
        commits.add(new IdealCommit(
                entry, new ApplyReply(index, entry.term, applied.result()), applied.delta(), image, scheduler.now()));
        if (random.chance(duplicates)) {
            IdealEntry again = new IdealEntry(entry.bytes, entry.term, null, null);
            long delay = random.logUniform(1_000_000L, 2_000_000_000L);
            scheduler.after(delay, "raft duplicate", () -> repeat(again));
        }
    }

    private void repeat(IdealEntry again) {
        if (again.term == term) {
            uncommitted.add(again);
            commitLater();
        }
    }

    // ---- for the voters

    int size() {
        return commits.size();
    }

    IdealCommit commit(int number) {
        return commits.get(number);
    }

    MetadataImage imageAfter(int count) {
        return count == 0 ? MetadataImage.EMPTY : commits.get(count - 1).image();
    }

    /** Whether this voter hears what is committed. */
    boolean reaches(Voter voter) {
        Voter from = leader;
        if (from == voter) {
            return true;
        }
        // A deposed leader that heard of anything newer would know that it is deposed.
        return from != null && from.up() && !voter.believesToLead() && connected(from, voter);
    }

    boolean isLeading(Voter voter, long inTerm) {
        return voter == leader && inTerm == term && termBegun;
    }

    long applyNanos() {
        return APPLY_NANOS;
    }

    double lostReplies() {
        return lostReplies;
    }

    double snapshotChance(int behind) {
        return behind > 100 ? 0.5 : jumps;
    }

    private Voter voter(int node) {
        Voter voter = voters.get(node);
        if (voter == null) {
            throw new IllegalArgumentException("node " + node + " is no voter");
        }
        return voter;
    }
}
