// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.replication.leader.LeaderOutput;
import io.varve.replication.leader.LeaderReplica;
import io.varve.replication.leader.ProducerStates;
import io.varve.storage.Damage;
import io.varve.storage.LogTail;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a {@link LeaderReplica} its log, its readers and its place on a loop, and stops it when an invariant breaks. *Confined to the partition loop*,
 * but for what a field says.
 */
final class ReplicaShell implements LoopMember, LeaderOutput, ReadSource {
    /** What other threads may see of the replica. */
    record Published(PartitionStatus.State state, String detail, int leaderEpoch, int partitionEpoch) {}

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaShell.class);

    private final Partition partition;
    private final PartitionLoop loop;
    private final PartitionRuntime runtime;
    private final PartitionLog log;
    private final LogTail tail;
    private final LeaderReplica replica;
    private final ReaderSet readers = new ReaderSet();
    private final Standing standing;
    private final ProducerSnapshots snapshots;
    private @Nullable Leadership starting; // to be led as soon as the producers are replayed
    private boolean producersValid; // replica.producers() is the log's as staged (I18)
    private boolean touched;
    // volatile: written by the loop, read by anybody who asks for the status
    private volatile Published published = new Published(PartitionStatus.State.IDLE, "", 0, -1);
    private volatile long highWatermark;
    private volatile long logEndOffset;

    ReplicaShell(
            Partition partition,
            ReplicaSettings settings,
            PartitionLog log,
            PartitionLoop loop,
            PartitionRuntime runtime) {
        this.partition = partition;
        this.loop = loop;
        this.runtime = runtime;
        this.log = log;
        this.tail = loop.tailCache().newTail();
        this.standing = new Standing(partition.name());
        this.logEndOffset = log.stagedEndOffset();
        // Retention never went above the true one (P37), so the start may be ahead of an old checkpoint. A checkpoint
        // beyond the end is for open().
        long known = Math.max(log.highWatermarkCheckpoint(), log.logStartOffset());
        this.highWatermark = Math.min(known, logEndOffset);
        this.replica = new LeaderReplica(partition.name(), settings, highWatermark, new StagedLog(log, tail), this);
        this.snapshots = new ProducerSnapshots(partition.name(), log, runtime.coldReads());
    }

    /** The first event. */
    void open() {
        Optional<Damage> damage = log.damage();
        if (damage.isPresent()) {
            failed(new InvariantException("the log is damaged at "
                    + damage.get().offset() + ": " + damage.get().detail()));
        } else if (log.highWatermarkCheckpoint() > log.stagedEndOffset()) { // P35
            failed(new InvariantException("the log ends at " + log.stagedEndOffset() + ", but "
                    + log.highWatermarkCheckpoint() + " was committed"));
        }
    }

    // ---- events

    void append(Append append) {
        loop.assertInLoop();
        if (!standing.isLeading()) {
            append.reject(standing.refusal(), standing.sentence());
            return;
        }
        try {
            replica.append(append, loop.nowNanos(), loop.nowMillis());
            touch();
        } catch (Throwable t) { // thrown before the completion was answered or parked
            failed(t);
            append.completion()
                    .onResult(new AppendResult.Indeterminate(RejectReason.UNKNOWN_SERVER_ERROR, standing.sentence()));
        }
    }

    void logProgressed(long writtenEndOffset, long flushedEndOffset) {
        guarded(() -> replica.logProgressed(writtenEndOffset, flushedEndOffset));
    }

    void logFailed(StorageException cause, long writtenEndOffset, long flushedEndOffset) {
        producersValid = false;
        RejectReason reason = cause.kind() == StorageException.Kind.DISK_FULL
                ? RejectReason.DISK_FULL
                : RejectReason.KAFKA_STORAGE_ERROR;
        guarded(() -> {
            replica.logFailed(reason, String.valueOf(cause.getMessage()), writtenEndOffset, flushedEndOffset);
            tail.truncateTo(writtenEndOffset);
        });
    }

    void configure(ReplicaSettings settings) {
        guarded(() -> replica.configure(settings));
    }

    void lead(Leadership now, CompletableFuture<Void> done) {
        if (standing.isStopped()) {
            done.completeExceptionally(stopped());
            return;
        }
        if (now.leaderEpoch() <= replica.leaderEpoch()) {
            guarded(() -> replica.lead(now, replica.producers()));
            done.complete(null);
            return;
        }
        endEpoch("epoch " + replica.leaderEpoch() + " is over, epoch " + now.leaderEpoch() + " begins");
        starting = now;
        standing.become(PartitionStatus.State.STARTING, "");
        touch();
        if (producersValid || (log.writtenEndOffset() == 0 && log.failure().isEmpty())) {
            become(now, producersValid ? replica.producers() : new ProducerStates(), done);
        } else {
            replayProducers(now, done);
        }
    }

    private void replayProducers(Leadership now, CompletableFuture<Void> done) {
        long nowMillis = loop.nowMillis();
        var unused = reopen().thenApplyAsync(
                        ignored -> {
                            try {
                                return ProducerReplay.of(log, name(), nowMillis);
                            } catch (StorageException e) {
                                throw new CompletionException(e);
                            }
                        },
                        runtime.coldReads())
                .whenComplete((states, failure) -> loop.post(() -> replayed(now, states, failure, done)));
    }

    private void replayed(
            Leadership now,
            @Nullable ProducerStates states,
            @Nullable Throwable failure,
            CompletableFuture<Void> done) {
        if (!now.equals(starting)) { // something newer came
            done.completeExceptionally(stopped());
        } else if (states == null) {
            failed(failure == null ? new InvariantException("no producers were replayed") : failure);
            done.completeExceptionally(stopped());
        } else {
            become(now, states, done);
        }
    }

    private void become(Leadership now, ProducerStates states, CompletableFuture<Void> done) {
        starting = null;
        producersValid = true;
        standing.become(PartitionStatus.State.LEADING, "");
        guarded(() -> replica.lead(now, states));
        if (standing.isStopped()) {
            done.completeExceptionally(stopped());
        } else {
            publish();
            done.complete(null);
        }
    }

    /** Recovers a failed log; may be called on any thread. */
    CompletableFuture<Void> reopen() {
        return log.failure().isPresent()
                ? log.reopen().thenApply(end -> null)
                : CompletableFuture.completedFuture(null);
    }

    void stopLeading(String why) {
        if (!standing.isStopped()) {
            endEpoch(why);
            standing.become(PartitionStatus.State.IDLE, "");
            touch();
        }
    }

    /** P5: nothing that waits survives the epoch; readers look for the leader anew. */
    private void endEpoch(String why) {
        starting = null;
        guarded(() -> {
            replica.stop(RejectReason.NOT_LEADER_OR_FOLLOWER, why);
            endReaders(RejectReason.NOT_LEADER_OR_FOLLOWER, why);
        });
    }

    void close(String why, CompletableFuture<Void> done) {
        if (standing.state() == PartitionStatus.State.CLOSED) {
            done.complete(null);
            return;
        }
        boolean snapshotWorthwhile = producersValid && standing.state() != PartitionStatus.State.FAILED;
        starting = null;
        standing.become(PartitionStatus.State.CLOSED, why);
        replica.stop(RejectReason.NETWORK_EXCEPTION, why);
        endReaders(RejectReason.NETWORK_EXCEPTION, why);
        tail.clear();
        publish();
        if (snapshotWorthwhile) {
            takeSnapshot(done);
        } else {
            done.complete(null);
        }
    }

    void addReader(PartitionReader reader) {
        readers.add(reader);
        try {
            reader.pump(); // also when stopped: then it ends and says why
        } catch (Throwable t) {
            failed(t);
        }
    }

    /** Forgets idle producers and keeps a snapshot of the others, so that a restart replays little. */
    void maintainProducers(long expireSeenBeforeMillis, CompletableFuture<Void> done) {
        if (!standing.isLeading()) {
            done.complete(null);
            return;
        }
        replica.producers().expire(expireSeenBeforeMillis);
        takeSnapshot(done);
    }

    private void takeSnapshot(CompletableFuture<Void> done) {
        var unused = snapshots
                .take(replica.producers(), log.stagedEndOffset())
                .whenComplete((none, failure) -> done.complete(null));
    }

    OffsetAnswer firstOffset() {
        OffsetAnswer.Refused refused = whyNotReadable(Append.ANY_EPOCH);
        return refused != null
                ? refused
                : new OffsetAnswer.Found(log.logStartOffset(), OffsetAnswer.NO_TIMESTAMP, replica.leaderEpoch());
    }

    OffsetAnswer latestOffset() {
        OffsetAnswer.Refused refused = whyNotReadable(Append.ANY_EPOCH);
        if (refused != null) {
            return refused;
        }
        if (!replica.knowsLatestOffset()) { // P17
            return new OffsetAnswer.Refused(
                    RejectReason.LEADER_NOT_AVAILABLE,
                    "partition " + name() + ": the new leader does not know the end of the committed records yet");
        }
        return new OffsetAnswer.Found(replica.highWatermark(), OffsetAnswer.NO_TIMESTAMP, replica.leaderEpoch());
    }

    // ---- loop member

    private void guarded(Runnable event) {
        loop.assertInLoop();
        if (standing.isStopped()) {
            return;
        }
        try {
            event.run();
            touch();
        } catch (Throwable t) {
            failed(t);
        }
    }

    private void touch() {
        if (!touched) {
            touched = true;
            loop.touched(this);
        }
    }

    @Override
    public void endOfTurn() {
        touched = false;
        publish();
        if (replica.isWaiting()) {
            loop.wantsTicks(this);
        }
        if (!standing.isStopped()) {
            readers.pumpAll();
        }
    }

    @Override
    public boolean tick(long nowNanos) {
        replica.tick(nowNanos);
        return replica.isWaiting();
    }

    @Override
    public void failed(Throwable cause) {
        if (standing.isStopped()) {
            return;
        }
        standing.become(PartitionStatus.State.FAILED, "stopped: " + cause.getMessage());
        producersValid = false;
        LOG.error(
                "partition {} epoch {}: stopped, it takes and gives nothing more until the node restarts",
                name(),
                replica.leaderEpoch(),
                cause);
        replica.stop(RejectReason.UNKNOWN_SERVER_ERROR, standing.trouble());
        endReaders(RejectReason.KAFKA_STORAGE_ERROR, standing.trouble());
        publish();
        runtime.events().onFailed(partition, cause);
    }

    private void publish() {
        logEndOffset = log.stagedEndOffset();
        if (highWatermark != replica.highWatermark()) {
            highWatermark = replica.highWatermark();
            log.checkpointHighWatermark(replica.highWatermark());
        }
        Published before = published;
        if (before.state() != standing.state()
                || before.leaderEpoch() != replica.leaderEpoch()
                || before.partitionEpoch() != replica.partitionEpoch()
                || !before.detail().equals(standing.trouble())) {
            published = new Published(
                    standing.state(), standing.trouble(), replica.leaderEpoch(), replica.partitionEpoch());
        }
    }

    private void endReaders(RejectReason reason, String why) {
        readers.endAll(reason, "partition " + name() + ": " + why);
    }

    private IllegalStateException stopped() {
        return new IllegalStateException(
                "partition " + name() + " does not lead: " + standing.state() + " " + standing.trouble());
    }

    // ---- output of the leader

    @Override
    public void highWatermarkMoved(long moved) {
        touch();
    }

    @Override
    public void resigned(int leaderEpoch, RejectReason reason, String detail) {
        String trouble = "resigned from epoch " + leaderEpoch + ": " + reason + ", " + detail;
        standing.become(PartitionStatus.State.RESIGNED, trouble);
        LOG.error("partition {} {}", name(), trouble);
        endReaders(RejectReason.NOT_LEADER_OR_FOLLOWER, trouble);
        publish();
        runtime.events().onResigned(partition, leaderEpoch, reason, detail);
    }

    // ---- what readers see

    @Override
    public String name() {
        return partition.name();
    }

    @Override
    public PartitionLoop loop() {
        return loop;
    }

    @Override
    public PartitionRuntime runtime() {
        return runtime;
    }

    @Override
    public PartitionLog log() {
        return log;
    }

    @Override
    public LogTail tail() {
        return tail;
    }

    @Override
    public OffsetAnswer.@Nullable Refused whyNotReadable(int leaderEpochOfReader) {
        if (!standing.isLeading()) {
            return new OffsetAnswer.Refused(standing.refusal(), standing.sentence());
        }
        int epoch = replica.leaderEpoch();
        if (leaderEpochOfReader != Append.ANY_EPOCH && leaderEpochOfReader < epoch) {
            return notReadable(
                    RejectReason.FENCED_LEADER_EPOCH, "epoch " + leaderEpochOfReader + " is over, now is " + epoch);
        }
        if (leaderEpochOfReader != Append.ANY_EPOCH && leaderEpochOfReader > epoch) {
            return notReadable(
                    RejectReason.UNKNOWN_LEADER_EPOCH,
                    "epoch " + leaderEpochOfReader + " is not known here yet, now is " + epoch);
        }
        return null;
    }

    private OffsetAnswer.Refused notReadable(RejectReason reason, String why) {
        return new OffsetAnswer.Refused(reason, "partition " + name() + ": " + why);
    }

    @Override
    public int leaderEpoch() {
        return replica.leaderEpoch();
    }

    @Override
    public long highWatermark() {
        return replica.highWatermark();
    }

    @Override
    public void remove(PartitionReader reader) {
        readers.remove(reader);
    }

    // ---- any thread

    Published published() {
        return published;
    }

    long publishedHighWatermark() {
        return highWatermark;
    }

    long publishedLogEndOffset() {
        return logEndOffset;
    }
}
