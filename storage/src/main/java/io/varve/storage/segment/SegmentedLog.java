// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.varve.storage.BatchVisitor;
import io.varve.storage.Chunk;
import io.varve.storage.CompactionPass;
import io.varve.storage.CompactionRequest;
import io.varve.storage.Damage;
import io.varve.storage.EpochEntry;
import io.varve.storage.IoPool.Step;
import io.varve.storage.LogId;
import io.varve.storage.LogListener;
import io.varve.storage.LogSettings;
import io.varve.storage.PartitionLog;
import io.varve.storage.ProducerSnapshot;
import io.varve.storage.StorageException;
import io.varve.storage.TimestampOffset;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A log of segments: puts the writer, the readers and the changes together. See {@link PartitionLog} for the contract. */
public final class SegmentedLog implements PartitionLog {
    private final LogState state;
    private final LogWriter writer;
    private final ColdReads reads;
    private final ProducerSnapshots producers;
    private final LogChanges changes;
    private final Retention retention;

    private SegmentedLog(LogState state) {
        this.state = state;
        writer = new LogWriter(state);
        reads = new ColdReads(state);
        producers = new ProducerSnapshots(state);
        changes = new LogChanges(state, writer, reads, producers);
        retention = new Retention(state, writer, reads, changes);
        state.suspicions = new Suspicions(state, writer, reads);
    }

    /**
     * Opens what is on disk, or a log that was never appended to.
     *
     * @param checkpoint null if it was lost
     * @param chain null if it was lost
     */
    public static SegmentedLog open(
            LogId id, LogHome home, LogSettings settings, @Nullable Checkpoint checkpoint, @Nullable EpochChain chain)
            throws IOException {
        LogState state = new LogState(id, home, settings);
        LogRecovery recovery = new LogRecovery(id, home, state.directory, settings, checkpoint, chain);
        LogRecovery.Recovered recovered = recovery.recover();
        state.recovered(recovered);
        state.compaction.load();
        SegmentedLog log = new SegmentedLog(state);
        if (recovered.damage() != null) {
            log.writer.work().refuse();
            return log;
        }
        if (chain != null) {
            log.keepChain(chain);
        }
        log.producers.deleteAbove(recovered.endOffset());
        return log;
    }

    /** Makes the epoch file say what recovery found. */
    private void keepChain(EpochChain known) throws IOException {
        EpochChain cut = known.cutAt(state.writtenEndOffset);
        if (cut != known) {
            state.home.epochsCut(state.id, state.writtenEndOffset);
        }
        if (cut.entries().isEmpty()) { // lost, and built anew from the batches
            for (EpochEntry entry : state.chain.entries()) {
                state.home.epochBegan(state.id, entry);
            }
        }
    }

    @Override
    public LogId id() {
        return state.id;
    }

    @Override
    public LogSettings settings() {
        return state.settings;
    }

    @Override
    public void configure(LogSettings settings) {
        state.settings = settings;
    }

    @Override
    public void attach(LogListener listener) {
        state.listener = listener;
    }

    @Override
    public boolean stage(Chunk chunk) {
        if (state.failure != null || state.damage != null || state.closed) {
            chunk.release();
            return false;
        }
        long expected = state.stagedEndOffset;
        if (chunk.baseOffset() != expected) { // I9
            throw new IllegalStateException("log " + state.id + ": " + chunk + " staged, the log ends at " + expected);
        }
        chunk.makeReadOnly();
        if (chunk.leaderEpoch() != state.chain.lastEpoch()) {
            assignEpoch(chunk.leaderEpoch(), expected);
        }
        if (!writer.work().stage(chunk)) {
            chunk.release();
            return false;
        }
        state.stagedEndOffset = chunk.endOffset();
        return true;
    }

    @Override
    public void assignEpoch(int leaderEpoch, long startOffset) {
        if (startOffset != state.stagedEndOffset) {
            throw new IllegalStateException("log " + state.id + ": epoch " + leaderEpoch + " from " + startOffset
                    + " on, the log ends at " + state.stagedEndOffset);
        }
        if (leaderEpoch == state.chain.lastEpoch()) {
            return;
        }
        if (leaderEpoch < state.chain.lastEpoch()) { // I8
            throw new IllegalStateException(
                    "log " + state.id + ": epoch " + leaderEpoch + " after epoch " + state.chain.lastEpoch());
        }
        EpochEntry entry = new EpochEntry(leaderEpoch, startOffset);
        state.chain = state.chain.with(entry);
        writer.work().stage(entry);
    }

    @Override
    public long stagedEndOffset() {
        return state.stagedEndOffset;
    }

    @Override
    public long stagedBytes() {
        return writer.work().chunkBytes();
    }

    @Override
    public long logStartOffset() {
        return state.logStartOffset;
    }

    @Override
    public long writtenEndOffset() {
        return state.writtenEndOffset;
    }

    @Override
    public long flushedEndOffset() {
        return state.flushedEndOffset;
    }

    @Override
    public long sizeBytes() {
        return state.segments.sizeBytes();
    }

    @Override
    public List<EpochEntry> epochChain() {
        return state.chain.entries();
    }

    @Override
    public int epochAt(long offset) {
        return state.chain.epochAt(offset);
    }

    @Override
    public int lastEpoch() {
        return state.chain.lastEpoch();
    }

    @Override
    public Optional<Damage> damage() {
        return Optional.ofNullable(state.damage);
    }

    @Override
    public Optional<StorageException> failure() {
        return Optional.ofNullable(state.failure);
    }

    @Override
    public void checkpointHighWatermark(long highWatermark) {
        state.highWatermark = Math.max(state.highWatermark, highWatermark);
    }

    @Override
    public long highWatermarkCheckpoint() {
        return state.highWatermark;
    }

    /** What the checkpoint file is to say; null for a log that was opened damaged, whose last checkpoint stays as it is. */
    public @Nullable Checkpoint checkpoint() {
        return state.damage != null ? state.checkpointBeforeDamage : state.checkpoint();
    }

    @Override
    public ByteBuf read(long offset, int maxBytes, long endOffsetExclusive, ByteBufAllocator allocator)
            throws StorageException {
        return reads.read(offset, maxBytes, endOffsetExclusive, allocator);
    }

    @Override
    public Optional<TimestampOffset> offsetForTimestamp(long timestampMillis, long endOffset) throws StorageException {
        return new TimeLookup(state, reads).find(timestampMillis, endOffset);
    }

    @Override
    public void replayBatches(long fromOffset, BatchVisitor visitor) throws StorageException {
        reads.replay(fromOffset, Long.MAX_VALUE, visitor);
    }

    @Override
    public Scrubbed scrub(long fromOffset, int maxBytes) throws StorageException {
        return new LogScrub(state, reads, producers).scrub(fromOffset, maxBytes);
    }

    @Override
    public void replayBatches(long fromOffset, long endOffset, BatchVisitor visitor) throws StorageException {
        reads.replay(fromOffset, endOffset, visitor);
    }

    @Override
    public Optional<ProducerSnapshot> producerSnapshot(long endOffset) throws StorageException {
        try {
            return producers.latest(endOffset);
        } catch (IOException e) {
            throw StorageException.of("log " + state.id + ": reading producer snapshots", e);
        }
    }

    @Override
    public long retentionStart(long nowMillis, long highWatermark) throws StorageException {
        return retention.start(nowMillis, highWatermark);
    }

    @Override
    public void writeProducerSnapshot(long endOffset, ByteBuffer bytes) throws StorageException {
        try {
            producers.write(endOffset, bytes);
        } catch (IOException e) {
            throw StorageException.of("log " + state.id + ": writing producer snapshot " + endOffset, e);
        }
    }

    /** Whether the log's own files have on disk what lies below {@code endOffset}, whatever the journal has. */
    public boolean isFlushedItselfTo(long endOffset) {
        return state.segmentFlushedEndOffset >= endOffset;
    }

    @Override
    public CompletableFuture<Void> flush() {
        return writer.submitAction(Step.FLUSH, () -> {
            writer.flushOrFail();
            writer.tell(listener -> listener.onProgress(state.writtenEndOffset, state.flushedEndOffset));
        });
    }

    @Override
    public CompletableFuture<Void> roll() {
        return writer.submitAction(Step.CHANGE, writer::roll);
    }

    @Override
    public CompletableFuture<Long> truncateTo(long offset) {
        return writer.submit(Step.CHANGE, () -> changes.truncateTo(offset));
    }

    @Override
    public CompletableFuture<Long> resetTo(long offset) {
        return writer.submit(Step.CHANGE, () -> new LogReset(state, writer, changes, producers).resetTo(offset));
    }

    @Override
    public CompletableFuture<Long> advanceLogStart(long offset, long highWatermark) {
        return writer.submit(Step.CHANGE, () -> changes.advanceLogStart(offset, highWatermark, true));
    }

    @Override
    public CompletableFuture<Long> expireBelow(long offset, long highWatermark) {
        return writer.submit(Step.CHANGE, () -> changes.advanceLogStart(offset, highWatermark, false));
    }

    @Override
    public CompletableFuture<Void> tidy(long monotonicNanos) {
        return writer.submitAction(Step.CHANGE, () -> retention.tidy(monotonicNanos));
    }

    @Override
    public Optional<CompactionPass> compaction(CompactionRequest request) {
        Optional<CompactionPlan> plan = CompactionPlan.find(state, request);
        if (plan.isEmpty() || !state.compacting.compareAndSet(false, true)) {
            return Optional.empty();
        }
        return Optional.of(new LogCompaction(state, writer, changes, reads, plan.get(), request));
    }

    @Override
    public long tombstoneHorizon() {
        return state.compaction.mark().tombstoneHorizon();
    }

    @Override
    public CompletableFuture<Long> reopen() {
        return writer.submit(Step.OPEN, changes::reopen);
    }

    @Override
    public CompletableFuture<Void> markDamaged(String detail) {
        return writer.submitAction(Step.CHANGE, () -> {
            if (state.damage != null || state.closed) {
                return;
            }
            Damage known = state.foundDamage;
            Damage marked = new Damage(known == null ? state.logStartOffset : known.offset(), detail);
            state.checkpointBeforeDamage = state.checkpoint(); // the next start must not find it whole
            state.damage = marked;
            writer.work().refuse();
            writer.flushIfPossible();
            writer.closeActive();
            DamageMark.write(state.home.files(), state.directory, marked);
        });
    }

    /** The directory went offline: so does the log. */
    public void wentOffline(StorageException cause) {
        writer.submitAction(Step.CHANGE, () -> writer.fail("directory", cause));
    }

    /** Writes and flushes what is staged unless the log has failed, then closes every file. Completes when readers too are refused. */
    public CompletableFuture<Void> close() {
        return writer.submitAction(Step.CHANGE, () -> {
            try {
                if (state.failure == null && state.damage == null && !state.closed) {
                    writer.flushOrFail();
                }
            } finally {
                end();
            }
        });
    }

    /** Drops what is staged and closes every file: the log is about to be deleted or set aside. */
    public CompletableFuture<Void> abandon() {
        return writer.submitAction(Step.CHANGE, () -> {
            writer.flushIfPossible(); // its files may be kept
            end();
        });
    }

    /** The process died: what is staged is released, and nothing else happens. */
    public void forget() {
        state.closed = true;
        writer.work().refuse();
        writer.releaseGroup();
    }

    private void end() throws IOException {
        state.closed = true;
        writer.work().refuse();
        writer.closeActive();
        for (Segment segment : state.segments.all()) {
            segment.retire();
        }
    }
}
