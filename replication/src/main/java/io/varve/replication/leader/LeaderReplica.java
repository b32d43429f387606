// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.Acks;
import io.varve.replication.Append;
import io.varve.replication.AppendResult;
import io.varve.replication.InvariantException;
import io.varve.replication.Leadership;
import io.varve.replication.RejectReason;
import io.varve.replication.ReplicaSettings;
import io.varve.storage.Chunk;
import java.util.List;

/**
 * The leader of one partition. Its methods are its events; it calls {@link LeaderLog}, {@link LeaderOutput} and the completions of appends.
 *
 * <pre>
 * IDLE      at first
 * LEADING   after lead(): appends are taken
 * RESIGNED  after logFailed(): what was assigned an offset and is not safe is INDETERMINATE, no append is taken
 * IDLE      after stop(): deposed, closed or deleted
 * </pre>
 * From RESIGNED and IDLE only a higher leader epoch leads again: within one epoch the log is never shortened and an (epoch, offset) never re-used.
 *
 * <p>Invariants: logStartOffset ≤ highWatermark ≤ stagedEndOffset (I10); the high watermark never falls; leader and partition epoch never fall (I8).
 * *Confined to the partition loop.*
 */
public final class LeaderReplica {
    private enum State {
        IDLE,
        LEADING,
        RESIGNED
    }

    private final String partition;
    private final LeaderLog log;
    private final LeaderOutput output;
    private final AckTracker acks;
    private final CommitWaiters untilWritten =
            new CommitWaiters(); // acks=0: nobody is told, but memory is accounted for
    private final CommitWaiters untilOwn = new CommitWaiters(); // acks=1
    private final CommitWaiters untilCommitted = new CommitWaiters(); // acks=all
    private ReplicaSettings settings;
    private ProducerStates producers = new ProducerStates();
    private State state = State.IDLE;
    private int leaderEpoch;
    private int partitionEpoch = -1;
    private long epochStartOffset;
    private long highWatermark;

    /**
     * @param partition its name in messages
     * @param highWatermark the one that was checkpointed; the true one may be higher (P17)
     */
    public LeaderReplica(
            String partition, ReplicaSettings settings, long highWatermark, LeaderLog log, LeaderOutput output) {
        this.partition = partition;
        this.settings = settings;
        this.log = log;
        this.output = output;
        this.highWatermark = highWatermark;
        this.acks = new AckTracker(settings.nodeId(), settings.durability(), highWatermark);
        checkOffsets();
    }

    /** The topic's settings changed; durability never does. */
    public void configure(ReplicaSettings changed) {
        if (changed.durability() != settings.durability() || changed.nodeId() != settings.nodeId()) {
            throw new InvariantException("partition " + partition + ": durability and node cannot change");
        }
        settings = changed;
    }

    /**
     * Metadata made this node the leader, or changed the in-sync set of the partition that it leads. Old news is ignored (P3).
     *
     * @param replayed the producers as the log has them now (P41); not looked at when the leader epoch stays
     */
    public void lead(Leadership now, ProducerStates replayed) {
        if (now.partitionEpoch() <= partitionEpoch || now.leaderEpoch() < leaderEpoch) {
            return;
        }
        if (now.leaderEpoch() == leaderEpoch) {
            inSyncChanged(now, now.isr());
            return;
        }
        failWaiting(RejectReason.NOT_LEADER_OR_FOLLOWER, "epoch " + leaderEpoch + " ended"); // P5, before anything else
        partitionEpoch = now.partitionEpoch();
        leaderEpoch = now.leaderEpoch();
        producers = replayed;
        epochStartOffset = log.stagedEndOffset(); // P4
        log.assignEpoch(leaderEpoch, epochStartOffset);
        state = State.LEADING;
        acks.startEpoch(now.isr(), now.minIsr(), log.writtenEndOffset(), log.flushedEndOffset());
        afterProgress();
    }

    /** The in-sync set changed, or a change of it was asked for: {@code maximalIsr} counts until that is settled (P22). */
    public void inSyncChanged(Leadership now, List<Integer> maximalIsr) {
        if (state != State.LEADING || now.leaderEpoch() != leaderEpoch || now.partitionEpoch() < partitionEpoch) {
            return;
        }
        partitionEpoch = now.partitionEpoch();
        acks.configure(now.isr(), maximalIsr, now.minIsr());
        afterProgress();
        if (!acks.hasEnoughReplicas()) { // P26
            untilCommitted.failAll(
                    RejectReason.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                    "partition " + partition + ": the in-sync set shrank to " + acks.isrSize() + ", " + acks.minIsr()
                            + " are needed; the batch is appended but not committed");
        }
    }

    /** Takes an append, and with it the append's reference of its chunk. */
    public void append(Append append, long nowNanos, long nowMillis) {
        if (!isAllowed(append, nowNanos)) {
            return;
        }
        Chunk chunk = append.chunk();
        SequenceVerdict verdict =
                producers.check(chunk.producerId(), chunk.producerEpoch(), chunk.baseSequence(), chunk.recordCount());
        if (verdict instanceof SequenceVerdict.Next) {
            assignAndStage(append, nowMillis);
        } else if (verdict instanceof SequenceVerdict.Duplicate duplicate) {
            acknowledgeAgain(append, duplicate);
        } else if (verdict instanceof SequenceVerdict.Refused refused) {
            append.reject(refused.reason(), "partition " + partition + ": " + refused.message());
        } else if (verdict instanceof SequenceVerdict.Forgotten forgotten) {
            chunk.release();
            append.completion()
                    .onResult(new AppendResult.Indeterminate(
                            RejectReason.DUPLICATE_SEQUENCE_NUMBER,
                            "partition " + partition + ": " + forgotten.message()));
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
        resign(reason, detail);
    }

    /** A follower's log is a prefix of this one from now on (P15). */
    public void followerJoined(int leaderEpochOfSession, int nodeId) {
        if (state == State.LEADING && leaderEpochOfSession == leaderEpoch) {
            acks.sessionDone(nodeId);
            afterProgress();
        }
    }

    /** A follower acknowledged; one of another epoch counts for nothing (P4). */
    public void followerProgressed(int leaderEpochOfAck, int nodeId, long writtenEndOffset, long flushedEndOffset) {
        if (state == State.LEADING && leaderEpochOfAck == leaderEpoch) {
            acks.progress(nodeId, writtenEndOffset, flushedEndOffset);
            afterProgress();
        }
    }

    /** Time passed: appends whose deadline has come are answered INDETERMINATE. */
    public void tick(long nowNanos) {
        untilWritten.expire(nowNanos, partition);
        untilOwn.expire(nowNanos, partition);
        untilCommitted.expire(nowNanos, partition);
    }

    /** Leads no longer: deposed by metadata, closed or broken. What waits is INDETERMINATE. */
    public void stop(RejectReason reason, String detail) {
        state = State.IDLE;
        failWaiting(reason, detail);
    }

    private boolean isAllowed(Append append, long nowNanos) {
        int epoch = append.leaderEpoch();
        if (state != State.LEADING) {
            return refuse(
                    append,
                    RejectReason.NOT_LEADER_OR_FOLLOWER,
                    state == State.RESIGNED ? "resigned from epoch " + leaderEpoch : "not led by this node");
        }
        if (epoch != Append.ANY_EPOCH && epoch < leaderEpoch) {
            return refuse(
                    append, RejectReason.FENCED_LEADER_EPOCH, "epoch " + epoch + " is over, now is " + leaderEpoch);
        }
        if (epoch != Append.ANY_EPOCH && epoch > leaderEpoch) { // P2: never adopted from a peer
            return refuse(
                    append,
                    RejectReason.UNKNOWN_LEADER_EPOCH,
                    "epoch " + epoch + " is not known here yet, now is " + leaderEpoch);
        }
        if (append.deadlineNanos() - nowNanos <= 0) {
            return refuse(append, RejectReason.REQUEST_TIMED_OUT, "the deadline had passed before the append");
        }
        if (append.acks() != Acks.ALL && append.chunk().producerId() >= 0) { // its duplicates could not be told
            return refuse(
                    append,
                    RejectReason.INVALID_REQUIRED_ACKS,
                    "an idempotent producer needs acks=all, not " + append.acks());
        }
        if (append.acks() == Acks.ALL && !acks.hasEnoughReplicas()) { // P26
            return refuse(
                    append,
                    RejectReason.NOT_ENOUGH_REPLICAS,
                    acks.isrSize() + " in-sync replicas, " + acks.minIsr() + " are needed");
        }
        if (log.stagedBytes() >= settings.stagedBytesMax()) {
            return refuse(
                    append,
                    RejectReason.THROTTLING_QUOTA_EXCEEDED,
                    log.stagedBytes() + " bytes wait for the disk, the limit is " + settings.stagedBytesMax());
        }
        return true;
    }

    private boolean refuse(Append append, RejectReason reason, String why) {
        append.reject(reason, "partition " + partition + ": " + why);
        return false;
    }

    private void assignAndStage(Append append, long nowMillis) {
        Chunk chunk = append.chunk();
        long baseOffset = log.stagedEndOffset();
        long appendTimeMillis = AppendResult.NO_TIME;
        if (settings.logAppendTime()) {
            appendTimeMillis = nowMillis;
            chunk.assignLogAppendTime(nowMillis);
        }
        chunk.assign(baseOffset, leaderEpoch);
        long endOffset = chunk.endOffset();
        long producerId = chunk.producerId();
        short producerEpoch = chunk.producerEpoch();
        int baseSequence = chunk.baseSequence();
        int recordCount = chunk.recordCount();
        if (!log.stage(chunk)) { // it failed, and logFailed() with the certain ends is on its way
            append.completion()
                    .onResult(new AppendResult.Rejected(
                            RejectReason.KAFKA_STORAGE_ERROR, "partition " + partition + ": the log takes no appends"));
            return;
        }
        producers.append(producerId, producerEpoch, baseSequence, recordCount, baseOffset, nowMillis);
        waitersOf(append.acks())
                .add(baseOffset, endOffset, appendTimeMillis, append.deadlineNanos(), append.completion());
    }

    /** P39: only once its original is committed in this epoch; until then it waits with it. */
    private void acknowledgeAgain(Append append, SequenceVerdict.Duplicate duplicate) {
        append.chunk().release();
        if (duplicate.endOffset() <= highWatermark) {
            append.completion()
                    .onResult(new AppendResult.Appended(
                            duplicate.baseOffset(), AppendResult.NO_TIME, log.logStartOffset()));
        } else {
            untilCommitted.add(
                    duplicate.baseOffset(),
                    duplicate.endOffset(),
                    AppendResult.NO_TIME,
                    append.deadlineNanos(),
                    append.completion());
        }
    }

    private CommitWaiters waitersOf(Acks wanted) {
        return switch (wanted) {
            case NONE -> untilWritten;
            case LEADER -> untilOwn;
            case ALL -> untilCommitted;
        };
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
        long logStart = log.logStartOffset();
        untilWritten.completeUpTo(acks.ownWrittenEndOffset(), logStart);
        untilOwn.completeUpTo(acks.ownEndOffset(), logStart);
        untilCommitted.completeUpTo(highWatermark, logStart); // I15: LEADING, in the epoch of the append, below hw
        if (hasMoved) {
            output.highWatermarkMoved(highWatermark);
        }
    }

    private void resign(RejectReason reason, String detail) {
        state = State.RESIGNED;
        failWaiting(reason, detail);
        output.resigned(leaderEpoch, reason, detail);
    }

    private void failWaiting(RejectReason reason, String detail) {
        String message = "partition " + partition + ": " + detail + "; the batch may or may not survive";
        untilWritten.failAll(reason, message);
        untilOwn.failAll(reason, message);
        untilCommitted.failAll(reason, message);
    }

    private void checkOffsets() { // I10
        if (log.logStartOffset() > highWatermark || highWatermark > log.stagedEndOffset()) {
            throw new InvariantException("partition " + partition + ": log start " + log.logStartOffset()
                    + " <= high watermark " + highWatermark + " <= log end " + log.stagedEndOffset()
                    + " does not hold");
        }
    }

    public boolean isLeading() {
        return state == State.LEADING;
    }

    public int leaderEpoch() {
        return leaderEpoch;
    }

    public int partitionEpoch() {
        return partitionEpoch;
    }

    public long highWatermark() {
        return highWatermark;
    }

    /** Whether the high watermark is the true one (P17): until then "the latest offset" has no answer. */
    public boolean knowsLatestOffset() {
        return state == State.LEADING && highWatermark >= epochStartOffset;
    }

    public boolean isWaiting() {
        return !untilWritten.isEmpty() || !untilOwn.isEmpty() || !untilCommitted.isEmpty();
    }

    /** The producers as of the log's staged end. */
    public ProducerStates producers() {
        return producers;
    }
}
