// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.protocol.InSyncAnswer;
import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.protocol.InSyncProposal.Member;
import io.varve.replication.protocol.PartitionState;
import io.varve.replication.protocol.Rule;
import io.varve.storage.Durability;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which changes of the in-sync set the leader asks for, one at a time (P19-P23). The set itself changes only by metadata of a higher partition epoch: no
 * answer commits a proposal, and none takes it back, for nobody can know whether it was applied. *Confined to the partition loop.*
 */
final class InSyncChanges {
    private static final long REFUSED_PAUSE_NANOS = 100_000_000L;

    private final LedEpoch epoch;
    private final Followers followers;
    private final Refusals refusals = new Refusals();
    private final Durability durability;
    private PartitionState state;
    private List<Integer> counted;
    private @Nullable InSyncProposal pending;
    private List<Integer> proposed = List.of(); // of the pending proposal, or of the last one
    private int proposedAt = -1; // its partition epoch
    private boolean resend; // nobody has said yet that it arrived
    private boolean ineligible;
    private long dueNanos; // the next time to send it
    private long quietUntilNanos;

    InSyncChanges(LedEpoch epoch, Followers followers, Durability durability, PartitionState state, long nowNanos) {
        this.epoch = epoch;
        this.followers = followers;
        this.durability = durability;
        this.state = state;
        this.counted = state.isr();
        this.quietUntilNanos = nowNanos;
    }

    /** Metadata with a higher partition epoch: whatever was asked for is decided (P22). */
    void committed(PartitionState now, long nowNanos) {
        List<Integer> before = state.isr();
        state = now;
        if (pending != null && ineligible) {
            refuse(nowNanos);
        }
        pending = null;
        for (int node : now.isr()) {
            FollowerSession follower = followers.find(node);
            if (follower != null && !before.contains(node)) {
                follower.pace.joined(nowNanos);
                refusals.forget(node);
            }
        }
        count();
    }

    void membersChanged() {
        refusals.membersChanged(epoch.members());
    }

    void onAnswer(InSyncAnswer answer, long nowNanos) {
        if (answer.leaderEpoch() != epoch.leaderEpoch || answer.partitionEpoch() != proposedAt) {
            return;
        }
        if (pending == null) { // the metadata was faster
            if (answer.verdict() == InSyncAnswer.Verdict.INELIGIBLE && proposedAt < state.partitionEpoch()) {
                refuse(nowNanos);
            }
            return;
        }
        switch (answer.verdict()) {
            case ACCEPTED, OUTDATED, INVALID -> resend = false; // newer metadata is on its way
            case INELIGIBLE -> {
                resend = false;
                ineligible = true;
            }
            case UNKNOWN -> timedOut();
        }
    }

    /** P20: whoever was to be added and is not waits; so does everything else, for a moment. */
    private void refuse(long nowNanos) {
        ineligible = false;
        quietUntilNanos = nowNanos + REFUSED_PAUSE_NANOS;
        for (int node : proposed) {
            FollowerSession follower = followers.find(node);
            if (follower != null && !state.isr().contains(node)) {
                refusals.add(follower, epoch.members(), nowNanos);
            }
        }
    }

    /** P22: it may have been applied all the same. */
    private void timedOut() {
        if (!epoch.rules.keep(Rule.ROLLBACK_ON_TIMEOUT)) {
            pending = null;
            count();
        }
    }

    /** Sends again what is unanswered, or asks for what the followers give reason to. */
    void work(long nowNanos) {
        if (pending != null && resend && nowNanos - dueNanos >= 0) {
            timedOut();
            if (pending != null) {
                send(pending, nowNanos);
            }
        }
        if (pending != null || nowNanos - quietUntilNanos < 0 || allIsWell()) {
            return;
        }
        List<Integer> wanted = wanted(nowNanos);
        if (!wanted.equals(state.isr())) {
            propose(wanted, nowNanos);
        }
    }

    /** Nearly always, and after every turn: worth not to look further. */
    private boolean allIsWell() {
        for (FollowerSession follower : followers.all()) {
            if (!follower.pace.isPrompt()
                    || follower.cannotFollow()
                    || !state.isr().contains(follower.node)) {
                return false;
            }
        }
        return true;
    }

    /** First without those that have to leave; with new ones only when nobody has to. */
    private List<Integer> wanted(long nowNanos) {
        List<Integer> stay = new ArrayList<>(state.isr());
        for (FollowerSession follower : followers.all()) {
            if (stay.contains(follower.node) && (follower.pace.isLagging(nowNanos) || follower.cannotFollow())) {
                stay.remove((Integer) follower.node);
            }
        }
        for (FollowerSession follower : followers.all()) {
            boolean stalls = durability == Durability.FLUSHED && follower.pace.isStalled(nowNanos);
            if (stalls && stay.contains(follower.node) && stay.size() - 1 >= state.minIsr()) {
                stay.remove((Integer) follower.node);
                follower.pace.leavesForFlushes();
            }
        }
        if (stay.size() < state.isr().size()) {
            return stay;
        }
        for (FollowerSession follower : followers.all()) {
            if (!stay.contains(follower.node) && mayJoin(follower, nowNanos)) {
                stay.add(follower.node);
            }
        }
        return stay;
    }

    private boolean mayJoin(FollowerSession follower, long nowNanos) { // P19
        long match = epoch.acks.countedEndOffset(follower.node);
        boolean onProbation = state.isr().size() >= state.minIsr() && follower.pace.isOnProbation(nowNanos);
        return follower.isStreaming()
                && follower.isBoundTo(brokerEpoch(follower.node))
                && epoch.members().isEligible(follower.node)
                && match >= epoch.acks.highWatermark()
                && (match >= epoch.startOffset || !epoch.rules.keep(Rule.NO_LESO_CHECK))
                && !onProbation
                && !refusals.stand(follower, nowNanos);
    }

    private long brokerEpoch(int node) {
        return epoch.members().brokerEpoch(node).orElse(-1);
    }

    private void propose(List<Integer> newIsr, long nowNanos) {
        List<Member> members =
                newIsr.stream().map(node -> new Member(node, brokerEpoch(node))).toList();
        pending = new InSyncProposal(
                epoch.partition, brokerEpoch(epoch.selfId), epoch.leaderEpoch, state.partitionEpoch(), members);
        proposed = List.copyOf(newIsr);
        proposedAt = state.partitionEpoch();
        ineligible = false;
        count(); // before it leaves: the controller may apply it at any moment from then on
        send(pending, nowNanos);
    }

    private void send(InSyncProposal proposal, long nowNanos) {
        resend = true;
        dueNanos = nowNanos + epoch.bounds.proposalTimeoutNanos();
        epoch.output.propose(proposal);
    }

    /** P22: while a change is under way both sets count. */
    private void count() {
        List<Integer> all = new ArrayList<>();
        for (int node : state.isr()) {
            if (pending == null || proposed.contains(node) || epoch.rules.keep(Rule.SHRINK_EAGER)) {
                all.add(node);
            }
        }
        if (pending != null && epoch.rules.keep(Rule.NO_MAXIMAL_EXPAND)) {
            proposed.stream().filter(node -> !all.contains(node)).forEach(all::add);
        }
        counted = List.copyOf(all);
        epoch.acks.configure(state.isr(), counted, state.minIsr());
    }

    boolean isPending() {
        return pending != null;
    }

    List<Integer> isr() {
        return state.isr();
    }

    List<Integer> maximalIsr() {
        return counted;
    }
}
