// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import io.varve.replication.Append;
import io.varve.replication.AppendResult;
import io.varve.replication.DamageException;
import io.varve.replication.InvariantException;
import io.varve.replication.RejectReason;
import io.varve.replication.ReplicaSettings;
import io.varve.replication.StartMoved;
import io.varve.replication.leader.LeaderReplica;
import io.varve.replication.leader.LeaderSettings;
import io.varve.replication.leader.ProducerStates;
import io.varve.replication.protocol.FollowerPosition;
import io.varve.replication.protocol.InSyncAnswer;
import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.PartitionState;
import io.varve.replication.protocol.PeerReplies;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rules;
import io.varve.replication.replica.Duties.Duty;
import io.varve.replication.replica.ReplicaStatus.Role;
import io.varve.storage.Durability;
import io.varve.storage.LogId;
import io.varve.storage.StorageException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One replica of one partition: its log, its high watermark, its producers, and the role that the metadata gives it. Its methods are its events; each may
 * come at any time, in any role, and what the role has no use for is refused aloud.
 *
 * <p>An invariant that breaks stops this replica and only this one: {@link ReplicaPort#failed}, and from then on every append and message is refused.
 *
 * <p>Whoever makes one while links are up tells it of each of them with {@link #linkUp}: it hears of changes only, and opens sessions over nothing else.
 *
 * <p>What the log does later comes back as an event of its own; one that comes after the replica stopped does nothing. *Confined to the loop.*
 */
public final class Replica {
    private enum Life {
        RUNNING,
        FAILED,
        CLOSED
    }

    private final String name;
    private final LogId id;
    private final ReplicaLog log;
    private final ReplicaPort port;
    private final Duties duties;
    private final String lossAtStart; // empty unless committed records are missing
    private Life life = Life.RUNNING;
    private String ending = "";
    private Role announcedRole = Role.IDLE;
    private int announcedLeaderEpoch;
    private int announcedPartitionEpoch = -1;
    private long checkpointed;

    /**
     * @param name as people know it, {@code orders-3}
     * @param highWatermark the one that was checkpointed. More than a {@code flushed} log has is damage, and stops the replica at its first event (P35);
     *     a {@code written} one has lost its tail, and begins where its log ends: without the proof of a clean stop its registration has told the controller
     *     so (P28)
     */
    public Replica(
            String name,
            LogId id,
            ReplicaSettings settings,
            long highWatermark,
            ReplicaLog log,
            ReplicaPort port,
            Rules rules) {
        this(name, id, settings, highWatermark, log, port, rules, LeaderSettings.DEFAULT);
    }

    /** With other bounds, while it leads, than a node's. */
    public Replica(
            String name,
            LogId id,
            ReplicaSettings settings,
            long highWatermark,
            ReplicaLog log,
            ReplicaPort port,
            Rules rules,
            LeaderSettings leaderSettings) {
        this.name = name;
        this.id = id;
        this.log = log;
        this.port = port;
        long end = log.stagedEndOffset();
        this.lossAtStart = highWatermark > end && settings.durability() == Durability.FLUSHED
                ? "the log ends at " + end + ", but " + highWatermark + " was committed"
                : "";
        // Retention never went above the true one (P37), so the start may be ahead of an old checkpoint.
        this.checkpointed = Math.min(Math.max(highWatermark, log.logStartOffset()), end);
        this.duties = new Duties(
                new ReplicaParts(name, id, log, port, rules, leaderSettings), settings, checkpointed, this::event);
    }

    // ---- metadata

    /** What the metadata says about this partition; older news than it has is ignored (P3). {@code members} is of the same index. */
    public void onMetadata(PartitionState state, Members members, long nowNanos) {
        duties.timeIs(nowNanos);
        event(() -> duties.onMetadata(state, members));
        if (life == Life.FAILED) { // before, or by this
            duties.note(state);
            duties.refuseToLead(ending);
            announce();
        }
    }

    /** The metadata moved on without a change of this partition. */
    public void onMembers(Members members, long nowNanos) {
        duties.timeIs(nowNanos);
        event(() -> duties.onMembers(members));
    }

    // ---- peers

    /** A message of a peer that leads, or thinks so; takes over the chunks of an append. */
    public void onMessage(
            int fromNode, ReplicaMessage.ToFollower message, PeerReplies replies, long nowNanos, long nowMillis) {
        duties.timeIs(nowNanos);
        if (life == Life.RUNNING) {
            event(() -> duties.follower().onMessage(fromNode, message, replies, nowMillis));
            return;
        }
        if (message instanceof ReplicaMessage.Append append) {
            append.release();
        }
        replies.reply(new ReplicaMessage.Nack(
                id,
                message.leaderEpoch(),
                message.session(),
                port.brokerEpoch(),
                life == Life.CLOSED ? NackCode.UNKNOWN_REPLICA : NackCode.STORAGE_ERROR,
                FollowerPosition.withoutLog(duties.leaderEpoch()),
                ending));
    }

    /** An answer of a peer that follows. */
    public void onAnswer(int fromNode, ReplicaMessage.ToLeader message, long nowNanos) {
        duties.timeIs(nowNanos);
        event(() -> duties.leader().onAnswer(fromNode, message, nowNanos));
    }

    /** The link to a node is up. */
    public void linkUp(int node, long nowNanos) {
        duties.timeIs(nowNanos);
        event(() -> duties.leader().linkUp(node, nowNanos));
    }

    /** The link to a node is down, and every session on it void. */
    public void linkDown(int node, long nowNanos) {
        duties.timeIs(nowNanos);
        event(() -> duties.leader().linkDown(node, nowNanos));
    }

    /** A sign of life from a node (P23). */
    public void linkHeard(int node, long nowNanos) {
        duties.timeIs(nowNanos);
        event(() -> duties.leader().linkHeard(node, nowNanos));
    }

    /** The link to a node holds too much, or no longer does. */
    public void linkPressed(int node, boolean pressed) {
        event(() -> duties.leader().linkPressed(node, pressed));
    }

    // ---- clients and controller

    /** Takes over the append's reference of its chunk; its completion is called exactly once. */
    public void append(Append append, long nowNanos, long nowMillis) {
        duties.timeIs(nowNanos);
        if (life != Life.RUNNING || duties.duty() != Duty.LEADING) {
            append.reject(refusal(), sentence());
            return;
        }
        try {
            duties.leader().append(append, nowNanos, nowMillis);
        } catch (RuntimeException broken) { // thrown before the completion was answered or parked
            fail(broken);
            append.completion().onResult(new AppendResult.Indeterminate(RejectReason.UNKNOWN_SERVER_ERROR, sentence()));
        }
    }

    public void onProposalAnswered(InSyncAnswer answer, long nowNanos) {
        duties.timeIs(nowNanos);
        event(() -> duties.leader().onProposalAnswered(answer, nowNanos));
    }

    /** Whether this node has not heard a controller for 0.8 of a session. */
    public void isolated(boolean isolated) {
        event(() -> duties.leader().isolated(isolated));
    }

    /** Why the node's disk takes no more, in one sentence; null: it does. A follower refuses appends meanwhile; a leader's are refused before they come here. */
    public void diskFull(@Nullable String why) {
        event(() -> duties.follower().diskFull(why));
    }

    /** The topic's settings changed; durability and node never do. */
    public void configure(ReplicaSettings changed) {
        event(() -> duties.configure(changed));
    }

    /**
     * Forgets producers that were silent for {@code silentMillis}, far longer than any delivery timeout (P41). A follower waits twice as long, or it would
     * know less than the leader that it may have to replace.
     */
    public void expireProducers(long nowMillis, long silentMillis) {
        event(() -> duties.expireProducers(nowMillis, silentMillis));
    }

    /** As leader, drops what retention says below the high watermark. */
    public void retain(long nowMillis, StartMoved moved) {
        asLeader(moved, () -> duties.startMoves().retain(nowMillis, duties.highWatermark(), moved));
    }

    /** As leader, drops what lies below {@code offset}, durably; everything committed if that is negative, and never more (P37). */
    public void trim(long offset, StartMoved moved) {
        asLeader(moved, () -> duties.startMoves().trim(offset, duties.highWatermark(), moved));
    }

    private void asLeader(StartMoved moved, Runnable what) {
        if (role() == Role.LEADING) {
            event(what);
        } else {
            moved.refused(refusal(), sentence());
        }
    }

    // ---- the log

    /** Both ends are cumulative. */
    public void logProgressed(long writtenEndOffset, long flushedEndOffset) {
        event(() -> duties.leader().logProgressed(writtenEndOffset, flushedEndOffset));
    }

    /** A write or flush failed; both ends are certain. */
    public void logFailed(
            StorageException.Kind kind, String detail, long writtenEndOffset, long flushedEndOffset, long nowNanos) {
        duties.timeIs(nowNanos);
        event(() -> duties.onLogFailed(kind, detail, writtenEndOffset, flushedEndOffset));
    }

    /**
     * Bytes of the log were found wrong that were once durable (P34). Stops the replica, unless it has the only copy: then it goes on, and stops when the
     * metadata has another one.
     */
    public void damageFound(String detail) {
        event(() -> duties.damageFound(detail));
    }

    /** Whether another replica takes over when this one is found to be damaged. */
    public boolean givesWayWhenDamaged() {
        return duties.anotherHasEverything();
    }

    // ---- time

    /** Time passed: an event like others, which {@link #endOfTurn} follows. Due every 10 ms or so while {@link #wantsTicks}, harmless otherwise. */
    public void tick(long nowNanos) {
        duties.timeIs(nowNanos);
        if (life != Life.CLOSED) {
            duties.tick();
        }
        event(() -> duties.leader().tick(nowNanos));
    }

    public boolean wantsTicks() {
        return life == Life.RUNNING ? duties.wantsTicks() : life == Life.FAILED && duties.isUnheard();
    }

    /** After the events of a turn: pushes, acknowledges, and tells followers the high watermark, once for all of them. */
    public void endOfTurn(long nowNanos) {
        duties.timeIs(nowNanos);
        event(() -> {
            duties.leader().endOfTurn(nowNanos);
            duties.follower().endOfTurn();
            if (checkpointed != duties.highWatermark()) {
                checkpointed = duties.highWatermark();
                log.checkpointHighWatermark(checkpointed);
            }
        });
    }

    // ---- the end

    /** Takes and gives nothing more: the node shuts down or the topic is deleted. What waits is INDETERMINATE. Idempotent. */
    public void stop(String why) {
        if (life == Life.CLOSED) {
            return;
        }
        life = Life.CLOSED;
        ending = why;
        duties.end(RejectReason.NETWORK_EXCEPTION, NackCode.UNKNOWN_REPLICA, why);
        announce();
    }

    /** Stopped for good by what is broken, here or in whoever carries it: others go on. */
    public void fail(Throwable cause) {
        if (life != Life.RUNNING) {
            return;
        }
        life = Life.FAILED;
        ending = "stopped: " + cause.getMessage();
        duties.producers().lost();
        port.failed(
                cause instanceof InvariantException broken
                        ? broken
                        : new InvariantException("partition " + name + ": " + cause.getMessage(), cause));
        RejectReason reason = cause instanceof DamageException
                ? RejectReason.KAFKA_STORAGE_ERROR // another copy takes over, and knows what became of what waits
                : RejectReason.UNKNOWN_SERVER_ERROR;
        duties.end(reason, NackCode.STORAGE_ERROR, ending);
        duties.refuseToLead(ending);
        announce();
    }

    private void event(Runnable what) {
        if (life != Life.RUNNING) {
            return;
        }
        try {
            if (!lossAtStart.isEmpty()) {
                throw new DamageException("partition " + name + ": " + lossAtStart);
            }
            what.run();
            duties.advance();
        } catch (RuntimeException broken) {
            fail(broken);
        }
        announce();
    }

    private void announce() {
        Role role = role();
        if (role != announcedRole
                || announcedLeaderEpoch != duties.leaderEpoch()
                || announcedPartitionEpoch != duties.partitionEpoch()) {
            announcedRole = role;
            announcedLeaderEpoch = duties.leaderEpoch();
            announcedPartitionEpoch = duties.partitionEpoch();
            port.roleChanged(status());
        }
    }

    // ---- what it knows

    public Role role() {
        if (life != Life.RUNNING) {
            return life == Life.FAILED ? Role.FAILED : Role.CLOSED;
        }
        return switch (duties.duty()) {
            case IDLE -> Role.IDLE;
            case STARTING -> Role.STARTING;
            case LEADING -> duties.leader().isDeposed() ? Role.DEPOSED : Role.LEADING;
            case RESIGNED -> Role.RESIGNED;
            case FOLLOWING -> duties.cutWork().isDue() ? Role.TRUNCATING : Role.FOLLOWING;
        };
    }

    public ReplicaStatus status() {
        return new ReplicaStatus(
                role(),
                detail(),
                duties.leaderEpoch(),
                duties.partitionEpoch(),
                highWatermark(),
                new ReplicaStatus.Ends(
                        log.logStartOffset(), log.stagedEndOffset(), log.writtenEndOffset(), log.flushedEndOffset()));
    }

    /** What an append or a reader is told while it does not lead. */
    public RejectReason refusal() {
        return switch (role()) {
            case STARTING -> RejectReason.LEADER_NOT_AVAILABLE;
            case FAILED -> RejectReason.KAFKA_STORAGE_ERROR;
            case CLOSED -> RejectReason.NETWORK_EXCEPTION;
            default -> RejectReason.NOT_LEADER_OR_FOLLOWER;
        };
    }

    /** The words to {@link #refusal}. */
    public String sentence() {
        if (role() == Role.STARTING) {
            return "partition " + name + ": its leader is starting";
        }
        return "partition " + name + ": " + (life == Life.RUNNING ? duties.whyNotLeading() : ending);
    }

    /** Why it is not healthy, empty if it is. */
    public String detail() {
        return life == Life.RUNNING ? duties.trouble() : ending;
    }

    public int leaderEpoch() {
        return duties.leaderEpoch();
    }

    public int partitionEpoch() {
        return duties.partitionEpoch();
    }

    public long highWatermark() {
        return duties.highWatermark();
    }

    /** For those who read: only while the role is LEADING. */
    public LeaderReplica leader() {
        return duties.leader();
    }

    /** The producers as of the log's staged end; empty while nobody knows, before a replay. Borrowed: events change it. */
    public Optional<ProducerStates> producers() {
        return duties.producers().areValid() ? Optional.of(duties.producers().states()) : Optional.empty();
    }
}
