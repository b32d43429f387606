// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.replication.protocol.InSyncAnswer;
import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.PartitionState;
import io.varve.storage.EpochEntry;
import io.varve.storage.LogId;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import io.varve.storage.TimestampOffset;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * One partition on this node, for everybody outside of its loop: every method posts to the loop and returns at once.
 *
 * <p>*Thread-safe.*
 */
public final class Partition {
    /** A producer that was silent for longer is forgotten; far above any delivery timeout (P41). */
    static final Duration PRODUCER_EXPIRY = Duration.ofDays(7);

    /** The end of the committed records, as a position to {@link #trim} to. */
    public static final long HIGH_WATERMARK = -1;

    private final String name;
    private final PartitionLog log;
    private final PartitionLoop loop;
    private final PartitionRuntime runtime;
    // volatile: set by whoever applies metadata, read by every event loop that checks a batch
    private volatile ReplicaSettings settings;
    private final ReplicaShell shell;

    private Partition(String name, ReplicaSettings settings, PartitionLog log, PartitionRuntime runtime) {
        this.name = name;
        this.settings = settings;
        this.log = log;
        this.runtime = runtime;
        this.loop = runtime.loops().next();
        this.shell = new ReplicaShell(this, settings, log, loop, runtime);
    }

    /**
     * Puts an open log on a loop. It is idle until {@link #onMetadata}.
     *
     * @param name as people know it, {@code orders-3}
     */
    public static Partition open(String name, ReplicaSettings settings, PartitionLog log, PartitionRuntime runtime) {
        Partition partition = new Partition(name, settings, log, runtime);
        log.attach(new LogMailbox(partition.loop, partition.shell));
        partition.loop.post(partition.shell::open);
        return partition;
    }

    public String name() {
        return name;
    }

    PartitionLoop loop() {
        return loop;
    }

    ReplicaShell shell() {
        return shell;
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
        loop.post(() -> shell.configure(changed));
    }

    /**
     * Appends one batch; takes over the append's reference of its chunk. The completion is called exactly once. Appends posted by one thread reach the
     * log in that order.
     */
    public void append(Append append) {
        if (!loop.offer(() -> shell.append(append))) {
            append.reject(
                    RejectReason.THROTTLING_QUOTA_EXCEEDED, "partition " + name + ": the queue of its loop is full");
        }
    }

    /**
     * What the metadata says, in the order of its indices. Completes when the replica has taken it up: if it is to lead, when appends and reads are taken;
     * before that, the producers are replayed from the log if they are not known. Completes exceptionally when it cannot lead, or when something newer came
     * before it did.
     *
     * @param members of the same index
     */
    public CompletableFuture<Void> onMetadata(PartitionState state, Members members) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.post(() -> shell.onMetadata(state, members, done));
        return done;
    }

    /** The metadata moved on, without a change of this partition but with one of the nodes. */
    public void onMembers(Members members) {
        loop.post(() -> shell.onMembers(members));
    }

    /** What the controller said to a proposal of this partition. */
    public void onProposalAnswered(InSyncAnswer answer) {
        loop.post(() -> shell.onProposalAnswered(answer));
    }

    /**
     * Reads from an offset on, for ever. One answer comes at once, also when there is nothing to read yet.
     *
     * @return the reader; the listener may be called before this returns
     */
    public PartitionReader read(ReadRequest request, ReadListener listener) {
        PartitionReader reader = new PartitionReader(shell, request, listener);
        loop.post(() -> shell.addReader(reader));
        return reader;
    }

    /** The first offset that exists. */
    public CompletableFuture<OffsetAnswer> beginning() {
        return ask(shell::firstOffset);
    }

    /** The end of the committed records. */
    public CompletableFuture<OffsetAnswer> end() {
        return ask(shell::latestOffset);
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
     * Drops the records below {@code offset}, or all that are committed if it is {@link #HIGH_WATERMARK} or lies above them. Only the leader does. Answered
     * with the log's start once that is on this node's disk; followers hear of it at once, and follow.
     */
    public CompletableFuture<OffsetAnswer> trim(long offset) {
        CompletableFuture<OffsetAnswer> answer = new CompletableFuture<>();
        loop.post(() -> shell.trim(offset, answer));
        return answer;
    }

    /**
     * What the node does from time to time: rolls an old segment, forgets producers that were silent for a week and keeps a snapshot of the others; and
     * if it leads, drops what retention says below the high watermark. Completes with the log's start.
     *
     * @param nowMillis by a {@link io.varve.storage.RetentionClock}
     */
    public CompletableFuture<Long> maintain(long nowMillis) {
        CompletableFuture<Long> start = new CompletableFuture<>();
        loop.post(() -> shell.upkeep().maintain(nowMillis, PRODUCER_EXPIRY.toMillis(), start));
        return start;
    }

    /** End of the committed records as the loop last published it. */
    public long highWatermark() {
        return shell.publishedHighWatermark();
    }

    public PartitionStatus status() {
        ReplicaShell.Published seen = shell.published();
        return new PartitionStatus(
                seen.state(),
                seen.detail(),
                seen.leaderEpoch(),
                seen.partitionEpoch(),
                new PartitionStatus.Positions(
                        log.logStartOffset(),
                        highWatermark(),
                        shell.publishedLogEndOffset(),
                        log.flushedEndOffset(),
                        log.sizeBytes()));
    }

    /** The leader epochs of its log, oldest first: asks its loop. */
    public CompletableFuture<List<EpochEntry>> epochs() {
        CompletableFuture<List<EpochEntry>> answer = new CompletableFuture<>();
        loop.post(() -> answer.complete(log.epochChain()));
        return answer;
    }

    /** Everything that the replica knows, of one moment: asks its loop. */
    public CompletableFuture<PartitionView> view() {
        CompletableFuture<PartitionView> answer = new CompletableFuture<>();
        loop.post(() -> answer.complete(shell.view(status())));
        return answer;
    }

    /**
     * Takes nothing more. What waits is answered INDETERMINATE, readers end, the producers are kept; then it completes. The log stays open: its
     * directory closes or deletes it. Idempotent.
     */
    public CompletableFuture<Void> close(String why) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.post(() -> shell.close(why, done));
        return done;
    }

    private CompletableFuture<OffsetAnswer> ask(Supplier<OffsetAnswer> question) {
        CompletableFuture<OffsetAnswer> answer = new CompletableFuture<>();
        loop.post(() -> answer.complete(question.get()));
        return answer;
    }

    @Override
    public String toString() {
        return "partition " + name;
    }
}
