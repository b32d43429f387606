// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.QuorumListener;
import io.varve.metadata.command.CommandCodec;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.controller.CommandPort;
import io.varve.metadata.image.MetadataImage;
import io.varve.proto.v1.ErrorReason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One voter of the {@link IdealLog}, across its processes: what it has applied, and whether it believes that it leads. */
final class Voter implements CommandPort {
    private final IdealLog log;
    private final NodeProcess process;
    private final SimRandom random;
    private final List<IdealEntry> waiting = new ArrayList<>(); // submitted here, unanswered
    private @Nullable QuorumListener listener;
    private MetadataImage image = MetadataImage.EMPTY;
    private int applied; // commits of the log
    private long startedAs;
    private long believedTerm; // 0: it knows that it does not lead
    private boolean ready;
    private boolean pumping;
    private long slowNanos;

    Voter(IdealLog log, NodeProcess process, SimRandom random) {
        this.log = log;
        this.process = process;
        this.random = random;
    }

    NodeProcess process() {
        return process;
    }

    int node() {
        return process.node();
    }

    MetadataImage image() {
        return image;
    }

    /** Whether its process takes part now. */
    boolean up() {
        return process.running() && startedAs == process.incarnation();
    }

    boolean believesToLead() {
        return process.alive() && startedAs == process.incarnation() && believedTerm > 0;
    }

    boolean isReady() {
        return believesToLead() && ready;
    }

    /** Commits are applied that much later, on average. */
    void setSlowNanos(long nanos) {
        slowNanos = nanos;
    }

    /** In a new process: from a snapshot, which may be older than what the old process had applied. */
    void start(QuorumListener by) {
        listener = by;
        startedAs = process.incarnation();
        believedTerm = 0;
        ready = false;
        pumping = false;
        waiting.clear();
        applied = Math.max(0, applied - random.nextInt(20));
        image = log.imageAfter(applied);
        MetadataImage from = image;
        process.post("metadata restored", null, () -> by.onImageReset(from));
        pump();
    }

    /** Applies what is committed, as far as this voter hears of it. */
    void pump() {
        if (pumping || !process.alive() || startedAs != process.incarnation() || applied >= log.size()) {
            return;
        }
        pumping = true;
        long delay = 10_000 + random.exponential(log.applyNanos() + slowNanos);
        process.afterVirtual(delay, "apply metadata", null, this::apply);
    }

    private void apply() {
        pumping = false;
        if (applied >= log.size()) {
            return;
        }
        if (!log.reaches(this)) {
            pumping = true;
            process.afterVirtual(IdealLog.RETRY_NANOS, "metadata waits", null, this::apply);
            return;
        }
        QuorumListener to = listener;
        if (to == null) {
            return;
        }
        int behind = log.size() - applied;
        if (believedTerm == 0 && behind > 1 && random.chance(log.snapshotChance(behind))) {
            applied += 1 + random.nextInt(behind);
            image = log.imageAfter(applied);
            to.onImageReset(image);
        } else {
            applyOne(to, log.commit(applied++));
            // Several at once, as a voter does that was busy.
            while (applied < log.size() && random.chance(0.7)) {
                applyOne(to, log.commit(applied++));
            }
        }
        becomeReady();
        pump();
    }

    private void applyOne(QuorumListener to, IdealCommit commit) {
        image = commit.image();
        to.onApplied(commit.reply().index(), commit.reply().term(), commit.delta(), image);
        if (commit.entry().isOf(this) && waiting.remove(commit.entry())) {
            if (random.chance(log.lostReplies())) {
                long late = random.between(100_000_000L, 3_000_000_000L);
                fail(commit.entry(), late, "the answer was lost");
            } else {
                answer(commit.entry(), commit.reply());
            }
        }
    }

    private void answer(IdealEntry entry, ApplyReply reply) {
        Completion completion = entry.takeCompletion();
        if (completion != null) {
            process.post("command applied", reply, () -> completion.applied(reply));
        }
    }

    private void fail(IdealEntry entry, long lateNanos, String why) {
        Completion completion = entry.takeCompletion();
        if (completion != null) {
            process.afterVirtual(
                    lateNanos,
                    "command indeterminate",
                    why,
                    () -> completion.failed(
                            MetadataRejection.indeterminate(ErrorReason.ERROR_REASON_NOT_CONTROLLER, why)));
        }
    }

    /** It won an election. */
    void lead(long term) {
        giveUp("another term began");
        believedTerm = term;
        ready = false;
        pump();
    }

    /** Everything of earlier terms, and the beginning of its own, must be applied first. */
    void becomeReady() {
        QuorumListener to = listener;
        if (to == null || believedTerm == 0 || ready || !log.isLeading(this, believedTerm) || applied < log.size()) {
            return;
        }
        ready = true;
        long term = believedTerm;
        process.post("leader ready", term, () -> {
            if (believedTerm == term) {
                to.onLeaderReady(term);
            }
        });
    }

    /** It hears, or finds out, that it no longer leads in this term. */
    void stepDown(long term) {
        if (believedTerm != term) {
            return;
        }
        believedTerm = 0;
        ready = false;
        QuorumListener to = listener;
        if (to != null) {
            to.onNotLeader();
        }
        giveUp("this voter stopped leading");
    }

    private void giveUp(String why) {
        List<IdealEntry> all = List.copyOf(waiting);
        waiting.clear();
        all.forEach(entry -> fail(entry, 0, why));
    }

    @Override
    public void submit(MetadataCommand command, Completion completion) {
        if (believedTerm == 0) {
            process.post(
                    "not leader",
                    null,
                    () -> completion.failed(MetadataRejection.notApplied(
                            ErrorReason.ERROR_REASON_NOT_CONTROLLER, "node " + node() + " does not lead the quorum")));
            return;
        }
        IdealEntry entry = new IdealEntry(CommandCodec.encode(command), believedTerm, this, completion);
        if (random.chance(log.lostReplies())) {
            fail(entry, random.between(100_000_000L, 3_000_000_000L), "the command was lost");
            return;
        }
        waiting.add(entry);
        log.append(this, entry);
    }
}
