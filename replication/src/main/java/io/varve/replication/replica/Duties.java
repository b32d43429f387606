// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import io.varve.replication.DamageException;
import io.varve.replication.InvariantException;
import io.varve.replication.RejectReason;
import io.varve.replication.ReplicaSettings;
import io.varve.replication.follower.FollowerReplica;
import io.varve.replication.leader.LeaderReplica;
import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.PartitionState;
import io.varve.replication.protocol.Rules;
import io.varve.storage.Durability;
import io.varve.storage.LogId;
import io.varve.storage.StorageException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which role a replica has, and what its log must go through before it may have it: at most one change of the log at a time, in the order reopening,
 * truncation, replay, leading. *Confined to the loop.*
 */
final class Duties {
    /** What the replica is about. */
    enum Duty {
        IDLE,
        STARTING,
        LEADING,
        RESIGNED,
        FOLLOWING
    }

    private static final long REOPEN_AGAIN_NANOS = 1_000_000_000L;
    private static final String OFFLINE = "its log is offline until the node starts again";

    private final String name;
    private final ReplicaLog log;
    private final ReplicaPort port;
    private final KeptProducers producers;
    private final LeaderReplica leader;
    private final FollowerReplica follower;
    private final LogWork work;
    private final Comeback comeback;
    private final StartMoves startMoves;
    private final CutWork cutWork;
    private final FoundDamage damage;
    private ReplicaSettings settings;
    private Duty duty = Duty.IDLE;
    private @Nullable PartitionState state;
    private @Nullable Members members;
    private boolean logFailed;
    private boolean offline; // reopening was refused for good
    private boolean rollback; // the leader goes on in its epoch, which only one that breaks P36 does
    private String trouble = "";
    private long reopenAtNanos;
    private long nowNanos;

    /** @param events runs what a completion of the log brings */
    Duties(ReplicaParts parts, ReplicaSettings settings, long highWatermark, Consumer<Runnable> events) {
        LogId id = parts.id();
        Rules rules = parts.rules();
        this.name = parts.name();
        this.settings = settings;
        this.log = parts.log();
        this.port = parts.port();
        this.logFailed = log.failed();
        this.producers = new KeptProducers(log, rules);
        this.work = new LogWork(log, events);
        this.comeback = new Comeback(port);
        this.startMoves = new StartMoves(name, log, events, () -> follower().startSettled(), this::damageFound);
        this.damage = new FoundDamage(name, settings.nodeId());
        this.leader = new LeaderReplica(
                name,
                id,
                settings,
                highWatermark,
                new LedLog(log, events),
                new LeaderDesk(this, port),
                rules,
                parts.leaderSettings());
        this.follower =
                new FollowerReplica(id, settings, highWatermark, producers, new FollowerDesk(this, port), rules);
        this.cutWork = new CutWork(name, log, producers, follower, work, this::unreadable, this::advance);
    }

    void configure(ReplicaSettings changed) {
        leader.configure(changed);
        follower.configure(changed);
        settings = changed;
    }

    /** Completions of the log carry no time: they happen at that of the last event. */
    void timeIs(long now) {
        if (now - nowNanos > 0) {
            nowNanos = now;
        }
    }

    // ---- metadata

    void onMetadata(PartitionState next, Members of) {
        members = of;
        PartitionState before = state;
        if (before != null && next.partitionEpoch() <= before.partitionEpoch()) { // P3
            onMembers(of);
            return;
        }
        if (before != null && next.leaderEpoch() < before.leaderEpoch()) { // I8
            throw new InvariantException("partition " + name + ": partition epoch " + next.partitionEpoch()
                    + " has leader epoch " + next.leaderEpoch() + ", before it was " + before.leaderEpoch());
        }
        state = next;
        comeback.onMetadata(next);
        boolean sameEpoch =
                before != null && before.leaderEpoch() == next.leaderEpoch() && before.leader() == next.leader();
        if (sameEpoch) {
            follower.onMetadata(next);
            if (duty == Duty.LEADING) {
                leader.lead(next, of, producers.states(), nowNanos);
            }
            return;
        }
        changeRole(next);
    }

    private void changeRole(PartitionState next) {
        boolean leads = next.leader() == settings.nodeId();
        stepDown(why(next)); // P5, before anything else
        follower.onMetadata(next);
        cutWork.drop(); // of a session that is over
        trouble = logFailed ? "its log has failed" : "";
        if (leads) {
            duty = Duty.STARTING;
            if (offline) {
                resigned(RejectReason.KAFKA_STORAGE_ERROR, OFFLINE);
                comeback.tell(next.leaderEpoch(), false, nowNanos);
            }
        } else if (next.leader() != 0) {
            duty = Duty.FOLLOWING;
            if (offline) {
                throw new InvariantException("partition " + name + ": " + OFFLINE);
            }
        } else if (comeback.isWanted() && !logFailed) {
            comeback.tell(next.leaderEpoch(), true, nowNanos);
        }
    }

    /** Leads no longer; what it knows goes to the follower. */
    void stepDown(String why) {
        rollback = false;
        if (duty == Duty.LEADING || duty == Duty.RESIGNED) {
            leader.stop(RejectReason.NOT_LEADER_OR_FOLLOWER, why);
            follower.takeOver(leader.highWatermark());
        }
        duty = Duty.IDLE;
    }

    void onMembers(Members of) {
        members = of;
        if (duty == Duty.LEADING) {
            leader.membersChanged(of, nowNanos);
        }
    }

    /** What an old image says about this node is about another process of it: that one's leadership is not ours (P28). */
    private boolean isRegistered() {
        Members of = members;
        return of != null && of.brokerEpoch(settings.nodeId()).orElse(-1) == port.brokerEpoch();
    }

    // ---- the way to a role

    /** Does the next thing that is due, if nothing is under way. */
    void advance() {
        damage.giveWay(state, members);
        if (work.isBusy()) {
            return;
        }
        if (logFailed) {
            if (!offline && nowNanos - reopenAtNanos >= 0) {
                work.reopen(this::reopened, this::notReopened);
            }
        } else if (cutWork.isDue()) {
            if (isWritten()) {
                cutWork.advance();
            }
        } else if (rollback && isWritten()) {
            if (producers.areValid()) {
                rollback = false;
                leader.logReopened(producers.states(), nowNanos);
            } else {
                replay();
            }
        } else if (duty == Duty.STARTING && isRegistered()) {
            if (producers.areValid()) {
                lead();
            } else if (isWritten()) {
                replay();
            }
        }
    }

    private void lead() {
        PartitionState now = state;
        Members of = members;
        if (now == null || of == null) {
            throw new InvariantException("partition " + name + " is to lead, and no metadata says so");
        }
        leader.followed(follower.highWatermark());
        duty = Duty.LEADING;
        leader.lead(now, of, producers.states(), nowNanos);
    }

    private void replay() {
        work.replayProducers(
                producers::replayed, (kind, detail) -> unreadable("replaying the producers", kind, detail));
    }

    private boolean isWritten() {
        return log.stagedBytes() == 0 && log.writtenEndOffset() == log.stagedEndOffset();
    }

    /** What may pass, and a log that has failed meanwhile, is waited for; damage no replica survives. */
    private void unreadable(String doing, StorageException.Kind kind, String detail) {
        if (log.failed() || kind == StorageException.Kind.DISK_FULL || kind == StorageException.Kind.IO) {
            onLogFailed(kind, detail);
        } else {
            String why = "partition " + name + ": " + doing + " failed: " + detail;
            throw kind == StorageException.Kind.DAMAGED ? new DamageException(why) : new InvariantException(why);
        }
    }

    // ---- the log's start (P37)

    void startWanted(long offset) {
        if (duty == Duty.FOLLOWING && !cutWork.isDue()) {
            startMoves.follow(offset, follower.highWatermark(), nowNanos);
        }
    }

    StartMoves startMoves() {
        return startMoves;
    }

    /** A read or the scrub found bytes wrong that were once durable (P34). */
    void damageFound(String detail) {
        damage.found(detail);
        damage.giveWay(state, members);
    }

    boolean anotherHasEverything() {
        return damage.isElsewhere(state, members);
    }

    // ---- failures of the log (P36)

    void onLogFailed(StorageException.Kind kind, String detail, long writtenEndOffset, long flushedEndOffset) {
        boolean leads = duty == Duty.LEADING;
        logFailed = true; // before the leader says that it resigned
        if (leads) {
            reopenAtNanos = nowNanos;
            leader.logFailed(reason(kind), detail, writtenEndOffset, flushedEndOffset);
        }
        onLogFailed(kind, detail);
    }

    private void onLogFailed(StorageException.Kind kind, String detail) {
        logFailed = true;
        producers.lost();
        follower.logFailed(detail);
        cutWork.drop();
        if (duty != Duty.LEADING && duty != Duty.RESIGNED) {
            reopenAtNanos = nowNanos + REOPEN_AGAIN_NANOS;
        }
        if (duty == Duty.STARTING) {
            resigned(reason(kind), detail);
        } else if (duty == Duty.FOLLOWING) {
            trouble = "its log has failed: " + detail;
        }
    }

    /** The leader gave up its epoch. The sole replica comes back by itself, and says so only when it can or cannot. */
    void resigned(RejectReason reason, String detail) {
        PartitionState now = state;
        gaveUp(reason, detail);
        if (now != null && now.replicas().size() > 1) {
            reopenAtNanos = nowNanos + REOPEN_AGAIN_NANOS;
            comeback.tell(now.leaderEpoch(), false, nowNanos);
        }
    }

    private void gaveUp(RejectReason reason, String detail) {
        if (duty == Duty.STARTING) { // it never led, so only the follower knows how much is committed (I10)
            leader.followed(follower.highWatermark());
        }
        duty = Duty.RESIGNED;
        trouble = "resigned from epoch " + leaderEpoch() + ": " + reason + ", " + detail;
        comeback.gaveUp(
                leaderEpoch(),
                reason,
                detail,
                reason == RejectReason.KAFKA_STORAGE_ERROR
                        && settings.durability() == Durability.WRITTEN
                        && log.failed()); // a read that failed takes nothing away
    }

    /** Only a leader that breaks P36 asks for it. */
    void reopenForRollback() {
        rollback = true;
    }

    private void reopened(long logEndOffset) {
        logFailed = false;
        producers.lost();
        follower.logReopened();
        PartitionState now = state;
        if (duty == Duty.FOLLOWING) {
            trouble = "";
        } else if (now != null && comeback.isWanted() && (duty == Duty.RESIGNED || now.leader() == 0)) {
            comeback.tell(now.leaderEpoch(), true, nowNanos);
        }
    }

    private void notReopened(StorageException.Kind kind, String detail) {
        if (kind == StorageException.Kind.DAMAGED) {
            throw new DamageException("partition " + name + ": its log cannot be opened again: " + detail);
        }
        PartitionState now = state;
        if (duty == Duty.STARTING) {
            gaveUp(reason(kind), detail);
        }
        if (now != null && duty == Duty.RESIGNED) {
            comeback.tell(now.leaderEpoch(), false, nowNanos);
        }
        if (kind == StorageException.Kind.DISK_FULL) {
            reopenAtNanos = nowNanos + REOPEN_AGAIN_NANOS;
        } else if (duty == Duty.FOLLOWING) {
            throw new InvariantException("partition " + name + ": its log is offline: " + detail);
        } else {
            offline = true;
        }
    }

    private static RejectReason reason(StorageException.Kind kind) {
        return kind == StorageException.Kind.DISK_FULL ? RejectReason.DISK_FULL : RejectReason.KAFKA_STORAGE_ERROR;
    }

    // ---- an epoch that no metadata has said (only without P2)

    void epochAdopted(int leaderEpoch) {
        stepDown("epoch " + leaderEpoch + " was adopted from a peer");
        duty = Duty.FOLLOWING;
    }

    // ---- the end

    /** The replica is stopped for good: no completion reaches it any more. */
    void end(RejectReason reason, NackCode code, String why) {
        work.abandon();
        leader.stop(reason, why);
        follower.stop(code, why);
    }

    /** As a stopped replica: leads nothing, and says so when the metadata thinks otherwise. */
    void refuseToLead(String why) {
        PartitionState now = state;
        if (now != null && now.leader() == settings.nodeId()) {
            comeback.gaveUp(
                    now.leaderEpoch(),
                    RejectReason.KAFKA_STORAGE_ERROR,
                    why,
                    settings.durability() == Durability.WRITTEN);
            comeback.tell(now.leaderEpoch(), false, nowNanos);
        }
    }

    /** What a stopped replica still takes up. */
    void note(PartitionState next) {
        if (state == null || next.partitionEpoch() > state.partitionEpoch()) {
            state = next;
            comeback.onMetadata(next);
        }
    }

    void tick() {
        comeback.tick(nowNanos);
    }

    // ---- what it knows

    LeaderReplica leader() {
        return leader;
    }

    FollowerReplica follower() {
        return follower;
    }

    KeptProducers producers() {
        return producers;
    }

    Duty duty() {
        return duty;
    }

    boolean isUnheard() {
        return comeback.isUnheard();
    }

    CutWork cutWork() {
        return cutWork;
    }

    /** Whether something is due at a time, or waits for what may come without an event. */
    boolean wantsTicks() {
        return comeback.isUnheard()
                || work.isBusy()
                || cutWork.isDue()
                || (logFailed && !offline)
                || duty == Duty.STARTING
                || leader.isWaiting();
    }

    void expireProducers(long nowMillis, long silentMillis) {
        if (producers.areValid() && (duty == Duty.LEADING || duty == Duty.FOLLOWING)) {
            producers.states().expire(nowMillis - (duty == Duty.LEADING ? silentMillis : 2 * silentMillis));
        }
    }

    /** For whom it does not serve. */
    String whyNotLeading() {
        if (!trouble.isEmpty()) {
            return trouble;
        }
        return state == null ? "not led by this node" : why(state);
    }

    private String why(PartitionState now) {
        if (now.leader() == 0) {
            return "nobody leads in epoch " + now.leaderEpoch();
        }
        return now.leader() == settings.nodeId()
                ? "epoch " + now.leaderEpoch() + " begins"
                : "node " + now.leader() + " leads in epoch " + now.leaderEpoch();
    }

    String trouble() {
        return damage.orElse(trouble);
    }

    long highWatermark() {
        return duty == Duty.LEADING || duty == Duty.RESIGNED ? leader.highWatermark() : follower.highWatermark();
    }

    int leaderEpoch() {
        PartitionState now = state;
        return now == null ? 0 : now.leaderEpoch();
    }

    int partitionEpoch() {
        PartitionState now = state;
        return now == null ? -1 : now.partitionEpoch();
    }

    long metadataIndex() {
        Members of = members;
        return of == null ? 0 : of.metadataIndex();
    }
}
