// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.storage.LogId;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import io.varve.storage.TimestampOffset;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition on this node, for everybody outside of its loop: every method posts to the loop and returns at once.
 *
 * <p>*Thread-safe.*
 */
public final class Partition {
    /** A producer that was silent for longer is forgotten; far above any delivery timeout (P41). */
    static final Duration PRODUCER_EXPIRY = Duration.ofDays(7);

    private static final Logger LOG = LoggerFactory.getLogger(Partition.class);

    private final String name;
    private final PartitionLog log;
    private final PartitionLoop loop;
    private final PartitionRuntime runtime;
    // volatile: set by whoever applies metadata, read by every event loop that checks a batch
    private volatile ReplicaSettings settings;
    // volatile: set once by the loop, read by everybody; null only until the loop has run its first event
    private volatile @Nullable ReplicaShell shell;
    // volatile: as shell; true if there never will be one
    private volatile boolean unopenable;

    private Partition(String name, ReplicaSettings settings, PartitionLog log, PartitionRuntime runtime) {
        this.name = name;
        this.settings = settings;
        this.log = log;
        this.runtime = runtime;
        this.loop = runtime.loops().next();
    }

    /**
     * Puts an open log on a loop. It is idle until {@link #lead}.
     *
     * @param name as people know it, {@code orders-3}
     */
    public static Partition open(String name, ReplicaSettings settings, PartitionLog log, PartitionRuntime runtime) {
        Partition partition = new Partition(name, settings, log, runtime);
        partition.loop.post(partition::createShell);
        return partition;
    }

    private void createShell() {
        try {
            ReplicaShell created = new ReplicaShell(this, settings, log, loop, runtime);
            shell = created;
        } catch (Throwable t) {
            LOG.error("partition {}: cannot be opened", name, t);
            unopenable = true;
            runtime.events().onFailed(this, t);
        }
    }

    public String name() {
        return name;
    }

    public LogId id() {
        return log.id();
    }

    /** The topic's {@code max.message.bytes}. */
    public int maxBatchBytes() {
        return settings.maxBatchBytes();
    }

    public ReplicaSettings settings() {
        return settings;
    }

    /** The topic's settings changed. Durability and node cannot. */
    public void configure(ReplicaSettings changed) {
        settings = changed;
        post(replica -> replica.configure(changed));
    }

    /**
     * Appends one batch; takes over the append's reference of its chunk. The completion is called exactly once. Appends posted by one thread reach the
     * log in that order.
     */
    public void append(Append append) {
        ReplicaShell replica = shell;
        if (replica == null) {
            append.reject(RejectReason.LEADER_NOT_AVAILABLE, "partition " + name + ": its leader is starting");
        } else if (!loop.offer(() -> replica.append(append))) {
            append.reject(
                    RejectReason.THROTTLING_QUOTA_EXCEEDED, "partition " + name + ": the queue of its loop is full");
        }
    }

    /**
     * Leads under a new leader epoch, or takes over a changed in-sync set under the current one. Completes when appends and reads are taken; before
     * that, the producers are replayed from the log if they are not known. Completes exceptionally when the replica is stopped or cannot read its log.
     */
    public CompletableFuture<Void> lead(Leadership leadership) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        post(replica -> replica.lead(leadership, done), done);
        return done;
    }

    /** Another node leads, or none. What waits is answered INDETERMINATE, readers end. */
    public void stopLeading(String why) {
        post(replica -> replica.stopLeading(why));
    }

    /** Recovers the log after {@link PartitionEvents#onResigned}; fails when only a restart can (after a failed flush). */
    public CompletableFuture<Void> reopen() {
        ReplicaShell replica = shell;
        return replica == null ? CompletableFuture.completedFuture(null) : replica.reopen();
    }

    /**
     * Reads from an offset on, for ever. One answer comes at once, also when there is nothing to read yet.
     *
     * @return the reader; the listener may be called before this returns
     */
    public PartitionReader read(ReadRequest request, ReadListener listener) {
        ReplicaShell replica = shell;
        if (replica == null) {
            throw new IllegalStateException("partition " + name + " is not open yet");
        }
        PartitionReader reader = new PartitionReader(replica, request, listener);
        loop.post(() -> replica.addReader(reader));
        return reader;
    }

    /** The first offset that exists. */
    public CompletableFuture<OffsetAnswer> beginning() {
        return ask(replica -> {
            OffsetAnswer.Refused refused = replica.whyNotReadable(Append.ANY_EPOCH);
            return refused != null
                    ? refused
                    : new OffsetAnswer.Found(log.logStartOffset(), OffsetAnswer.NO_TIMESTAMP, replica.leaderEpoch());
        });
    }

    /** The end of the committed records. */
    public CompletableFuture<OffsetAnswer> end() {
        return ask(ReplicaShell::latestOffset);
    }

    /** The first committed record with this timestamp or a later one; the end, without a timestamp, when there is none. */
    public CompletableFuture<OffsetAnswer> at(long timestampMillis) {
        return end().thenApplyAsync(
                        end -> end instanceof OffsetAnswer.Found found ? lookUp(timestampMillis, found) : end,
                        runtime.coldReads());
    }

    private OffsetAnswer lookUp(long timestampMillis, OffsetAnswer.Found end) {
        try {
            Optional<TimestampOffset> found = log.offsetForTimestamp(timestampMillis, end.offset());
            if (found.isEmpty()) {
                return end;
            }
            TimestampOffset record = found.get();
            return new OffsetAnswer.Found(record.offset(), record.timestampMillis(), record.leaderEpoch());
        } catch (StorageException e) {
            return new OffsetAnswer.Refused(
                    RejectReason.KAFKA_STORAGE_ERROR, "partition " + name + ": " + e.getMessage());
        }
    }

    /**
     * What the node does from time to time: deletes what retention says below the high watermark, forgets producers that were silent for a week and
     * keeps a snapshot of the others. Completes with the log's start.
     */
    public CompletableFuture<Long> maintain() {
        long nowMillis = loop.clock().currentTimeMillis();
        CompletableFuture<Void> producers = new CompletableFuture<>();
        post(replica -> replica.maintainProducers(nowMillis - PRODUCER_EXPIRY.toMillis(), producers), producers);
        return producers.thenCompose(none -> log.applyRetention(nowMillis, highWatermark()));
    }

    /** End of the committed records as the loop last published it. */
    public long highWatermark() {
        ReplicaShell replica = shell;
        return replica == null ? log.highWatermarkCheckpoint() : replica.publishedHighWatermark();
    }

    public PartitionStatus status() {
        ReplicaShell replica = shell;
        PartitionStatus.Positions positions = new PartitionStatus.Positions(
                log.logStartOffset(),
                highWatermark(),
                replica == null ? log.writtenEndOffset() : replica.publishedLogEndOffset(),
                log.flushedEndOffset(),
                log.sizeBytes());
        if (replica == null) {
            return new PartitionStatus(
                    unopenable ? PartitionStatus.State.FAILED : PartitionStatus.State.STARTING,
                    unopenable ? "cannot be opened" : "",
                    0,
                    -1,
                    positions);
        }
        ReplicaShell.Published seen = replica.published();
        return new PartitionStatus(seen.state(), seen.detail(), seen.leaderEpoch(), seen.partitionEpoch(), positions);
    }

    /**
     * Takes nothing more. What waits is answered INDETERMINATE, readers end, the producers are kept; then it completes. The log stays open: its
     * directory closes or deletes it. Idempotent.
     */
    public CompletableFuture<Void> close(String why) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        post(replica -> replica.close(why, done), done);
        return done.exceptionally(failure -> null);
    }

    private interface ShellEvent {
        void run(ReplicaShell replica);
    }

    private interface Question {
        OffsetAnswer answer(ReplicaShell replica);
    }

    private void post(ShellEvent event) {
        post(event, new CompletableFuture<>());
    }

    /** Events after createShell() find the shell there, or nothing if it could not be made. */
    private void post(ShellEvent event, CompletableFuture<?> failing) {
        loop.post(() -> {
            ReplicaShell replica = shell;
            if (replica == null) {
                failing.completeExceptionally(new IllegalStateException("partition " + name + " could not be opened"));
            } else {
                event.run(replica);
            }
        });
    }

    private CompletableFuture<OffsetAnswer> ask(Question question) {
        CompletableFuture<OffsetAnswer> answer = new CompletableFuture<>();
        post(replica -> answer.complete(question.answer(replica)), answer);
        return answer;
    }

    @Override
    public String toString() {
        return "partition " + name;
    }
}
