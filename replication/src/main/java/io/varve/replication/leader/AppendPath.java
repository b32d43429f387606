// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.record.BatchHeader;
import io.varve.replication.Acks;
import io.varve.replication.Append;
import io.varve.replication.AppendResult;
import io.varve.replication.RejectReason;
import io.varve.replication.ReplicaSettings;
import io.varve.replication.TimestampBounds;
import io.varve.replication.protocol.Rule;
import io.varve.replication.protocol.Rules;
import io.varve.storage.Chunk;
import org.jspecify.annotations.Nullable;

/**
 * What happens to an append while its partition is led: refused, or given its place and staged, and answered once it is as safe as its acks ask for.
 * *Confined to the partition loop.*
 */
final class AppendPath {
    private final String partition;
    private final LeaderLog log;
    private final AckTracker acks;
    private final Rules rules;
    private final long uncommittedBytesMax;
    private final InFlight uncommitted = new InFlight(); // of this epoch, whatever its acks
    private final CommitWaiters untilWritten =
            new CommitWaiters(); // acks=0: nobody is told, but memory is accounted for
    private final CommitWaiters untilOwn = new CommitWaiters(); // acks=1
    private final CommitWaiters untilCommitted = new CommitWaiters(); // acks=all
    private ReplicaSettings settings;
    private ProducerStates producers = new ProducerStates();
    private boolean isolated;

    AppendPath(
            String partition,
            ReplicaSettings settings,
            LeaderLog log,
            AckTracker acks,
            Rules rules,
            long uncommittedBytesMax) {
        this.partition = partition;
        this.settings = settings;
        this.log = log;
        this.acks = acks;
        this.rules = rules;
        this.uncommittedBytesMax = uncommittedBytesMax;
    }

    void configure(ReplicaSettings changed) {
        settings = changed;
    }

    void startWith(ProducerStates replayed) {
        producers = replayed;
        uncommitted.clear();
    }

    ProducerStates producers() {
        return producers;
    }

    /** Takes an append of the epoch that is led now. */
    void append(Append append, int leaderEpoch, long nowNanos, long nowMillis) {
        if (!isAllowed(append, leaderEpoch, nowNanos)) {
            return;
        }
        Chunk chunk = append.chunk();
        SequenceVerdict verdict =
                producers.check(chunk.producerId(), chunk.producerEpoch(), chunk.baseSequence(), chunk.recordCount());
        if (verdict instanceof SequenceVerdict.Next) { // one that was taken before is not judged again
            String problem = timestampProblem(chunk, nowMillis);
            if (problem == null) {
                assignAndStage(append, leaderEpoch, nowMillis);
            } else {
                refuse(append, RejectReason.INVALID_TIMESTAMP, problem);
            }
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

    private @Nullable String timestampProblem(Chunk chunk, long nowMillis) {
        if (settings.logAppendTime() || settings.timestamps() == TimestampBounds.NONE) {
            return null;
        }
        String newest = settings.timestamps().problem(chunk.maxTimestamp(), nowMillis);
        return newest != null
                ? newest
                : settings.timestamps().problem(BatchHeader.baseTimestamp(chunk.nioBuffer(), 0), nowMillis);
    }

    private boolean isAllowed(Append append, int leaderEpoch, long nowNanos) {
        int epoch = append.leaderEpoch();
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
        if (append.acks() != Acks.ALL && isolated) { // another leader may be elected any moment
            return refuse(append, RejectReason.NOT_LEADER_OR_FOLLOWER, "this node does not hear from the controller");
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
        if (append.acks() == Acks.ALL && uncommitted.bytes() >= uncommittedBytesMax) {
            return refuse(
                    append,
                    RejectReason.THROTTLING_QUOTA_EXCEEDED,
                    uncommitted.bytes() + " bytes wait for the other replicas, the limit is " + uncommittedBytesMax);
        }
        return true;
    }

    boolean refuse(Append append, RejectReason reason, String why) {
        append.reject(reason, "partition " + partition + ": " + why);
        return false;
    }

    private void assignAndStage(Append append, int leaderEpoch, long nowMillis) {
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
        int sizeBytes = chunk.sizeBytes();
        if (!log.stage(chunk)) { // it failed, and logFailed() with the certain ends is on its way
            append.completion()
                    .onResult(new AppendResult.Rejected(
                            RejectReason.KAFKA_STORAGE_ERROR, "partition " + partition + ": the log takes no appends"));
            return;
        }
        uncommitted.sent(endOffset, sizeBytes);
        producers.append(producerId, producerEpoch, baseSequence, recordCount, baseOffset, nowMillis);
        waitersOf(append.acks())
                .add(baseOffset, endOffset, appendTimeMillis, append.deadlineNanos(), append.completion());
    }

    /** P39: only once its original is committed in this epoch; until then it waits with it. */
    private void acknowledgeAgain(Append append, SequenceVerdict.Duplicate duplicate) {
        append.chunk().release();
        boolean committed = duplicate.endOffset() <= acks.highWatermark();
        if (committed || !rules.keep(Rule.DUP_ACKED_UNCOMMITTED)) {
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

    /** Answers what has become safe. Only while leading (I15). */
    void progressed(long highWatermark) {
        long logStart = log.logStartOffset();
        uncommitted.acknowledged(highWatermark);
        untilWritten.completeUpTo(acks.ownWrittenEndOffset(), logStart);
        untilOwn.completeUpTo(acks.ownEndOffset(), logStart);
        untilCommitted.completeUpTo(highWatermark, logStart); // I15: LEADING, in the epoch of the append, below hw
    }

    /** P26: what waits for a commit hears that the in-sync set has become too small for one. */
    void failIfTooFewReplicas() {
        if (!acks.hasEnoughReplicas()) {
            untilCommitted.failAll(
                    RejectReason.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                    "partition " + partition + ": the in-sync set shrank to " + acks.isrSize() + ", " + acks.minIsr()
                            + " are needed; the batch is appended but not committed");
        }
    }

    /** No controller was heard for long: what the leader would promise alone, it promises no more. */
    void isolated(boolean now) {
        isolated = now;
        if (now) {
            String message = "partition " + partition + ": this node does not hear from the controller; the batch may"
                    + " or may not survive";
            untilWritten.failAll(RejectReason.NOT_LEADER_OR_FOLLOWER, message);
            untilOwn.failAll(RejectReason.NOT_LEADER_OR_FOLLOWER, message);
        }
    }

    void failWaiting(RejectReason reason, String detail) {
        String message = "partition " + partition + ": " + detail + "; the batch may or may not survive";
        untilWritten.failAll(reason, message);
        untilOwn.failAll(reason, message);
        untilCommitted.failAll(reason, message);
    }

    void expire(long nowNanos) {
        untilWritten.expire(nowNanos, partition);
        untilOwn.expire(nowNanos, partition);
        untilCommitted.expire(nowNanos, partition);
    }

    boolean isWaiting() {
        return !untilWritten.isEmpty() || !untilOwn.isEmpty() || !untilCommitted.isEmpty();
    }
}
