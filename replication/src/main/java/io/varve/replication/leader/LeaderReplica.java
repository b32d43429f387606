// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.Append;
import io.varve.replication.InvariantException;
import io.varve.replication.RejectReason;
import io.varve.replication.ReplicaSettings;
import io.varve.replication.protocol.InSyncAnswer;
import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.PartitionState;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rule;
import io.varve.replication.protocol.Rules;
import io.varve.storage.LogId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The leader of one partition. Its methods are its events; it calls {@link LeaderLog}, {@link LeaderOutput} and the completions of appends. What it has
 * to send it sends in {@link #endOfTurn}, which follows the events of a turn.
 *
 * <pre>
 * IDLE      at first
 * LEADING   after lead(): appends are taken
 * RESIGNED  after logFailed(): what was assigned an offset and is not safe is INDETERMINATE, no append is taken
 * DEPOSED   after a peer spoke of a higher epoch (P2): neither acknowledges nor serves, and waits for the metadata
 * IDLE      after stop(): another leads, closed or deleted
 * </pre>
 * From RESIGNED, DEPOSED and IDLE only a higher leader epoch leads again: within one epoch the log is never shortened and an (epoch, offset) never re-used.
 *
 * <p>Invariants: logStartOffset ≤ highWatermark ≤ stagedEndOffset (I10); the high watermark never falls; leader and partition epoch never fall (I8).
 * *Confined to the partition loop.*
 */
public final class LeaderReplica {
    private record Leading(Followers followers, InSyncChanges inSync) {}

    private enum State {
        IDLE,
        LEADING,
        RESIGNED,
        DEPOSED
    }

    private final String partition;
    private final LeaderParts parts;
    private final LeaderLog log;
    private final LeaderOutput output;
    private final Rules rules;
    private final AckTracker acks;
    private final AppendPath appends;
    private final Links links = new Links();
    private ReplicaSettings settings;
    private State state = State.IDLE;
    private @Nullable Leading leading; // while LEADING
    private int leaderEpoch;
    private int partitionEpoch = -1;
    private long epochStartOffset;
    private long highWatermark;
    private boolean isolated;

    /**
     * @param partition its name in messages
     * @param highWatermark the one that was checkpointed; the true one may be higher (P17)
     */
    public LeaderReplica(
            String partition,
            LogId id,
            ReplicaSettings settings,
            long highWatermark,
            LeaderLog log,
            LeaderOutput output,
            Rules rules) {
        this(partition, id, settings, highWatermark, log, output, rules, LeaderSettings.DEFAULT);
    }

    /** With other bounds than a node's. */
    public LeaderReplica(
            String partition,
            LogId id,
            ReplicaSettings settings,
            long highWatermark,
            LeaderLog log,
            LeaderOutput output,
            Rules rules,
            LeaderSettings bounds) {
        this.partition = partition;
        this.settings = settings;
        this.log = log;
        this.output = output;
        this.rules = rules;
        this.highWatermark = highWatermark;
        this.acks = new AckTracker(settings.nodeId(), settings.durability(), highWatermark, rules);
        this.parts = new LeaderParts(id, settings.nodeId(), log, output, acks, rules, bounds);
        this.appends = new AppendPath(partition, settings, log, acks, rules, bounds.uncommittedBytesMax());
        checkOffsets();
    }

    /** The topic's settings changed; durability never does. */
    public void configure(ReplicaSettings changed) {
        if (changed.durability() != settings.durability() || changed.nodeId() != settings.nodeId()) {
            throw new InvariantException("partition " + partition + ": durability and node cannot change");
        }
        settings = changed;
        appends.configure(changed);
    }

    // ---- what the metadata says

    /**
     * Where the high watermark was left by what this replica was before: called before {@link #lead} when it followed in between. Lower than before
     * only after an unclean election (P16).
     */
    public void followed(long highWatermarkAsFollower) {
        if (state == State.LEADING) {
            throw new InvariantException(
                    "partition " + partition + " leads epoch " + leaderEpoch + ", it follows nobody");
        }
        highWatermark = highWatermarkAsFollower;
        acks.startFrom(highWatermark);
    }

    /**
     * Metadata made this node the leader, or changed something about the partition that it leads. Old news is ignored (P3).
     *
     * @param replayed the producers as the log has them now (P41); not looked at when the leader epoch stays
     */
    public void lead(PartitionState now, Members members, ProducerStates replayed, long nowNanos) {
        if (now.partitionEpoch() <= partitionEpoch || now.leaderEpoch() < leaderEpoch) {
            return;
        }
        partitionEpoch = now.partitionEpoch();
        if (now.leaderEpoch() > leaderEpoch) {
            startEpoch(now, members, replayed, nowNanos);
        } else if (leading != null) {
            leading.followers().membersChanged(members, nowNanos);
            leading.followers().assign(now.replicas(), nowNanos);
            leading.inSync().committed(now, nowNanos);
            leading.inSync().membersChanged();
        } else {
            return;
        }
        afterProgress();
        appends.failIfTooFewReplicas();
    }

    private void startEpoch(PartitionState now, Members members, ProducerStates replayed, long nowNanos) {
        if (rules.keep(Rule.PENDING_SURVIVES_EPOCH)) { // P5, before anything else
            appends.failWaiting(RejectReason.NOT_LEADER_OR_FOLLOWER, "epoch " + leaderEpoch + " ended");
        }
        endSessions();
        leaderEpoch = now.leaderEpoch();
        appends.startWith(replayed);
        epochStartOffset = log.stagedEndOffset(); // P4
        log.assignEpoch(leaderEpoch, epochStartOffset);
        state = State.LEADING;
        acks.startEpoch(now.isr(), now.minIsr(), log.writtenEndOffset(), log.flushedEndOffset());
        LedEpoch epoch = new LedEpoch(parts, leaderEpoch, epochStartOffset, members);
        Followers followers = new Followers(epoch, links);
        followers.assign(now.replicas(), nowNanos);
        leading = new Leading(followers, new InSyncChanges(epoch, followers, settings.durability(), now, nowNanos));
    }

    private void endSessions() {
        if (leading != null) {
            leading.followers().stop();
            leading = null;
        }
    }

    /** Nodes were registered, fenced or unfenced (P19, P20). */
    public void membersChanged(Members members, long nowNanos) {
        if (leading != null) {
            leading.followers().membersChanged(members, nowNanos);
            leading.inSync().membersChanged();
        }
    }

    // ---- what the links say

    /** The link to a node is up; sessions over an earlier one are void. */
    public void linkUp(int node, long nowNanos) {
        links.up(node);
        FollowerSession follower = follower(node);
        if (follower != null) {
            follower.pusher.pressed(false);
            follower.linkUp(nowNanos);
        }
    }

    /** The link to a node is down, and every session on it void. */
    public void linkDown(int node, long nowNanos) {
        links.down(node);
        FollowerSession follower = follower(node);
        if (follower != null) {
            follower.linkDown(nowNanos);
        }
    }

    /** A sign of life from a node: whoever is caught up stays so, though there is nothing to send (P23). */
    public void linkHeard(int node, long nowNanos) {
        FollowerSession follower = follower(node);
        if (follower != null) {
            follower.pace.heard(nowNanos);
        }
    }

    /** The link to a node holds too much, or no longer does: no appends until then. */
    public void linkPressed(int node, boolean pressed) {
        links.pressed(node, pressed);
        FollowerSession follower = follower(node);
        if (follower != null) {
            follower.pusher.pressed(pressed);
        }
    }

    private @Nullable FollowerSession follower(int node) {
        return leading == null ? null : leading.followers().find(node);
    }

    /** A follower answered. */
    public void onAnswer(int node, ReplicaMessage.ToLeader answer, long nowNanos) {
        if (leading == null) {
            return;
        }
        int known = answer instanceof ReplicaMessage.Nack nack
                ? Math.max(nack.here().leaderEpoch(), nack.leaderEpoch())
                : answer.leaderEpoch();
        if (known > leaderEpoch) {
            depose(known);
            return;
        }
        leading.followers().onAnswer(node, answer, nowNanos);
        afterProgress();
    }

    /** P2: stops acknowledging and serving at once; its role changes by metadata only. */
    private void depose(int higherEpoch) {
        endSessions();
        state = State.DEPOSED;
        if (rules.keep(Rule.PENDING_SURVIVES_EPOCH)) { // P5
            appends.failWaiting(
                    RejectReason.NOT_LEADER_OR_FOLLOWER,
                    "epoch " + leaderEpoch + " is over, a follower knows epoch " + higherEpoch);
        }
        output.metadataWanted(higherEpoch);
    }

    /** The controller answered a proposal. */
    public void onProposalAnswered(InSyncAnswer answer, long nowNanos) {
        if (leading != null) {
            leading.inSync().onAnswer(answer, nowNanos);
            afterProgress();
        }
    }

    // ---- appends and the log

    /** Takes an append, and with it the append's reference of its chunk. */
    public void append(Append append, long nowNanos, long nowMillis) {
        if (state == State.LEADING) {
            appends.append(append, leaderEpoch, nowNanos, nowMillis);
        } else {
            appends.refuse(
                    append,
                    RejectReason.NOT_LEADER_OR_FOLLOWER,
                    switch (state) {
                        case RESIGNED -> "resigned from epoch " + leaderEpoch;
                        case DEPOSED -> "epoch " + leaderEpoch + " is over";
                        default -> "not led by this node";
                    });
        }
    }

    /** The log got further; both ends are cumulative. */
    public void logProgressed(long writtenEndOffset, long flushedEndOffset) {
        if (state != State.LEADING) {
            return; // the next epoch asks the log itself
        }
        if (writtenEndOffset > log.stagedEndOffset()) {
            throw new InvariantException("partition " + partition + ": the log wrote up to " + writtenEndOffset
                    + ", staged is only up to " + log.stagedEndOffset());
        }
        acks.progress(settings.nodeId(), writtenEndOffset, flushedEndOffset);
        afterProgress();
    }

    /** A write or flush failed after offsets were assigned: resigns (P36). Both ends are certain and still count. */
    public void logFailed(RejectReason reason, String detail, long writtenEndOffset, long flushedEndOffset) {
        if (state != State.LEADING) {
            return;
        }
        acks.progress(settings.nodeId(), writtenEndOffset, flushedEndOffset);
        afterProgress();
        appends.failWaiting(reason, detail);
        if (rules.keep(Rule.ROLLBACK_AFTER_PUSH)) {
            state = State.RESIGNED;
            endSessions();
            output.resigned(leaderEpoch, reason, detail);
        } else {
            output.reopenWanted();
        }
    }

    /** Answers {@link LeaderOutput#reopenWanted}: the log is shorter than what was pushed. */
    public void logReopened(ProducerStates replayed, long nowNanos) {
        if (leading != null) {
            appends.startWith(replayed);
            for (FollowerSession follower : leading.followers().all()) {
                follower.pusher.rolledBack(log.stagedEndOffset());
            }
        }
    }

    /** Time passed: appends whose deadline has come are answered INDETERMINATE. What else is due, {@link #endOfTurn} does. */
    public void tick(long nowNanos) {
        appends.expire(nowNanos);
    }

    /** Called once after the events of a turn, a tick among them: sends what they gave reason to. */
    public void endOfTurn(long nowNanos) {
        if (leading != null) {
            leading.followers().work(nowNanos);
            leading.inSync().work(nowNanos);
            if (acks.highWatermark() > highWatermark) { // only while a rule of P22 is switched off
                afterProgress();
            }
        }
    }

    /** The controller was not heard for most of a session: appends with acks 0 and 1 are refused, those with acks=all need no lease. */
    public void isolated(boolean now) {
        if (now != isolated) {
            isolated = now;
            appends.isolated(now);
        }
    }

    /** Leads no longer: another does by the metadata, or the replica is closed or broken. What waits is INDETERMINATE. */
    public void stop(RejectReason reason, String detail) {
        endSessions();
        state = State.IDLE;
        if (reason != RejectReason.NOT_LEADER_OR_FOLLOWER || rules.keep(Rule.PENDING_SURVIVES_EPOCH)) { // P5
            appends.failWaiting(reason, detail);
        }
    }

    private void afterProgress() {
        long moved = acks.highWatermark();
        if (moved < highWatermark) {
            throw new InvariantException(
                    "partition " + partition + ": high watermark fell from " + highWatermark + " to " + moved);
        }
        boolean hasMoved = moved > highWatermark;
        highWatermark = moved;
        checkOffsets();
        appends.progressed(highWatermark);
        if (hasMoved) {
            output.highWatermarkMoved(highWatermark);
        }
    }

    private void checkOffsets() { // I10
        if (log.logStartOffset() > highWatermark || highWatermark > log.stagedEndOffset()) {
            throw new InvariantException("partition " + partition + ": log start " + log.logStartOffset()
                    + " <= high watermark " + highWatermark + " <= log end " + log.stagedEndOffset()
                    + " does not hold");
        }
    }

    // ---- what it knows

    public boolean isLeading() {
        return state == State.LEADING;
    }

    /** Whether a peer spoke of a higher epoch, of which the metadata has said nothing here yet (P2). */
    public boolean isDeposed() {
        return state == State.DEPOSED;
    }

    /** Whether reads are refused because the controller was not heard for too long. */
    public boolean isIsolated() {
        return isolated;
    }

    public LogId id() {
        return parts.partition();
    }

    public int leaderEpoch() {
        return leaderEpoch;
    }

    public int partitionEpoch() {
        return partitionEpoch;
    }

    /** Where this epoch's records begin. */
    public long epochStartOffset() {
        return epochStartOffset;
    }

    public long highWatermark() {
        return highWatermark;
    }

    /** Up to where readers may read (P18). */
    public long visibleEndOffset() {
        return rules.keep(Rule.READ_TO_LEO) ? highWatermark : log.writtenEndOffset();
    }

    /** Whether the high watermark is the true one (P17): until then "the latest offset" has no answer. */
    public boolean knowsLatestOffset() {
        return state == State.LEADING && (highWatermark >= epochStartOffset || !rules.keep(Rule.LATEST_BEFORE_LESO));
    }

    /** The in-sync set as the metadata has it. */
    public List<Integer> isr() {
        return leading == null ? List.of() : leading.inSync().isr();
    }

    /** Who counts: the in-sync set, and who would be in it if the proposal that is under way were accepted (P22). */
    public List<Integer> maximalIsr() {
        return leading == null ? List.of() : leading.inSync().maximalIsr();
    }

    public List<FollowerView> followers() {
        return leading == null ? List.of() : leading.followers().views();
    }

    /** Whether time matters to it: something waits for an answer, or a follower is not where it should be. */
    public boolean isWaiting() {
        return appends.isWaiting()
                || (leading != null
                        && (leading.inSync().isPending()
                                || leading.followers().needTime(leading.inSync().isr())));
    }

    /** The producers as of the log's staged end. */
    public ProducerStates producers() {
        return appends.producers();
    }
}
