// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.Damage;
import io.varve.storage.IoPool.Step;
import io.varve.storage.StorageException;
import io.varve.storage.StorageException.Kind;
import io.varve.storage.file.FileStore;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What changes a log's files other than an append: shortening at either end, and reopening.
 *
 * <p><i>confined to the log's I/O task</i>
 */
final class LogChanges {
    private static final Logger LOG = LoggerFactory.getLogger(LogChanges.class);
    private static final Queue<Segment> NOTHING_GONE = new ArrayDeque<>(0); // nobody adds to it

    private final LogState state;
    private final LogWriter writer;
    private final ColdReads reads;
    private final ProducerSnapshots producers;
    private final FileStore files;
    /** Segments below the start whose files are not deleted yet. */
    private volatile Queue<Segment> gone = NOTHING_GONE; // volatile: made by the I/O task, read by who deletes

    LogChanges(LogState state, LogWriter writer, ColdReads reads, ProducerSnapshots producers) {
        this.state = state;
        this.writer = writer;
        this.reads = reads;
        this.producers = producers;
        files = state.home.files();
    }

    /**
     * P10. In this order, so that a crash between any two steps leaves a log that recovers: the checkpoint falls first (or recovery would take the shorter
     * log for a damaged one), then the newest segments go one by one, then the one that holds {@code offset} is cut, then the epochs.
     */
    long truncateTo(long offset) throws IOException {
        requireUsable();
        requireNothingStaged("truncation to " + offset);
        if (offset >= state.writtenEndOffset) {
            forgetEpochsFrom(state.writtenEndOffset); // also when nothing is cut: one without records may begin there
            return state.writtenEndOffset;
        }
        if (offset < state.logStartOffset) {
            throw new StorageException(
                    Kind.OUT_OF_RANGE,
                    "log " + state.id + ": truncation to " + offset + ", it begins at " + state.logStartOffset);
        }
        Segments before = state.segments;
        int index = before.floorIndex(offset);
        Segment segment = before.all().get(index);
        HeaderWalk at = reads.in(segment, (s, file) -> reads.finder().find(s, file, offset));
        long end = Math.max(at.offset(), state.logStartOffset);
        LOG.info("log {}: truncated to {}, it ended at {}", state.id, end, state.writtenEndOffset);
        // a batch that reaches below the log's start cannot stay without its end, nor the log end below its start
        int keep = at.offset() < end ? 0 : index + 1;
        forgetJournaled(at.offset());
        lowerCheckpoint(at.offset(), end);
        state.truncations++;
        try {
            state.writtenEndOffset = end;
            state.stagedEndOffset = end;
            writer.closeActive();
            state.compaction.cutAt(end);
            if (keep == 0) {
                removeGone(); // nothing would be left that tells recovery that they lie below the start
            }
            state.segments = before.first(keep);
            for (int i = before.all().size() - 1; i >= keep; i--) {
                before.all().get(i).delete();
                files.forceDirectory(state.directory); // or an older one could go and a newer one come back
            }
            if (keep > 0) {
                cut(segment, at);
            }
            state.segmentFlushedEndOffset = end;
            state.flushedEndOffset = end;
            state.recoveryPointLimit = Long.MAX_VALUE;
            producers.deleteAbove(end);
            cutEpochs(end);
        } catch (IOException e) {
            throw offline("truncation to " + offset, e);
        } finally {
            state.truncations++;
        }
        return end;
    }

    void requireNothingStaged(String what) {
        if (writer.work().chunkBytes() > 0) {
            throw new IllegalStateException(
                    "log " + state.id + ": " + what + " while " + writer.work().chunkBytes() + " bytes are staged");
        }
    }

    /**
     * What the journal has from {@code offset} on must not come back after a power loss. The log's own files have it first: if what follows fails, the
     * log stays as it was, and nothing that it reported as flushed may be missing.
     */
    void forgetJournaled(long offset) throws IOException {
        if (state.segmentFlushedEndOffset < state.flushedEndOffset) {
            writer.flushOrFail();
        }
        state.home.journal().cut(state.id, offset);
    }

    private void cut(Segment segment, HeaderWalk at) throws IOException {
        SegmentWriter last = SegmentWriter.resume(files, segment, state.settings.indexIntervalBytes());
        try {
            last.cut(at.offset(), at.position());
        } finally {
            last.close();
        }
    }

    /** A recovery point is the edge of a batch, so it may come to lie below the log's start. A full disk leaves everything as it was. */
    private void lowerCheckpoint(long batchStart, long end) throws StorageException {
        long flushed = state.flushedEndOffset;
        long highWatermark = state.highWatermark;
        state.recoveryPointLimit = batchStart;
        state.segmentFlushedEndOffset = Math.min(flushed, end);
        state.flushedEndOffset = Math.min(flushed, end);
        state.highWatermark = Math.min(highWatermark, end);
        try {
            state.home.checkpoint();
        } catch (StorageException e) {
            state.recoveryPointLimit = Long.MAX_VALUE;
            state.flushedEndOffset = flushed;
            state.segmentFlushedEndOffset = flushed;
            state.highWatermark = highWatermark;
            throw e;
        }
    }

    /** A flush may have been what failed: what the disk holds is not known any more (P36). */
    StorageException offline(String doing, IOException e) {
        StorageException cause = StorageException.of("log " + state.id + ": " + doing, e);
        state.home.goOffline(cause);
        writer.fail(doing, cause);
        return cause;
    }

    /** The file of epochs takes nothing more after a failed flush (P36): if that went on, every cut of every log here would fail for ever. */
    private void forgetEpochsFrom(long end) throws IOException {
        try {
            cutEpochs(end);
        } catch (IOException e) {
            String doing = "forgetting epochs from " + end;
            StorageException cause = StorageException.of("log " + state.id + ": " + doing, e);
            throw cause.kind() == Kind.IO ? offline(doing, e) : cause;
        }
    }

    private void cutEpochs(long end) throws IOException {
        EpochChain cut = state.chain.cutAt(end);
        if (cut != state.chain) {
            state.home.epochsCut(state.id, end);
            state.chain = cut;
        }
    }

    /** P37. The start is durable before anything below it goes, and in any case if that is asked for. */
    long advanceLogStart(long offset, long highWatermark, boolean durably) throws IOException {
        requireUsable();
        long start = Math.min(Math.min(offset, highWatermark), state.writtenEndOffset);
        if (start > state.logStartOffset) {
            if (start > state.segmentFlushedEndOffset) {
                writer.flushOrFail(); // I10
            }
            state.logStartOffset = start;
        }
        Segment last = state.segments.last();
        if (last != null && last.sizeBytes() > 0 && last.endOffset() <= state.logStartOffset) {
            writer.roll(); // or the bytes of a log without a record would stay
        }
        List<Segment> all = state.segments.all();
        int count = 0;
        while (count + 1 < all.size() && all.get(count + 1).baseOffset() <= state.logStartOffset) {
            count++;
        }
        boolean behind = state.logStartOffset > state.durableStartOffset; // also when a checkpoint failed before
        if (behind && (durably || count > 0)) {
            checkpointStart();
        }
        if (count > 0) {
            if (gone == NOTHING_GONE) {
                gone = new ConcurrentLinkedQueue<>();
            }
            gone.addAll(all.subList(0, count));
            state.segments = state.segments.withoutFirst(count);
            LOG.info("log {}: {} segments below {} deleted", state.id, count, state.logStartOffset);
            state.home
                    .ioPool()
                    .execute(
                            Step.DELETE,
                            this::deleteGone); // removing a large file takes a while, and nobody waits for it
        }
        return state.logStartOffset;
    }

    void checkpointStart() throws StorageException {
        long start = state.logStartOffset;
        state.home.checkpoint();
        state.durableStartOffset = start;
    }

    /** The log is empty where its reset led to; only when a checkpoint says so may anything be appended. */
    void resetIsOver() throws StorageException {
        long offset = state.resetOffset;
        state.resetOffset = LogState.NO_RESET;
        try {
            checkpointStart();
        } catch (StorageException e) {
            state.resetOffset = offset;
            throw e;
        }
    }

    private void removeGone() throws IOException {
        Queue<Segment> going = gone;
        for (Segment segment = going.peek(); segment != null; segment = going.peek()) {
            segment.delete();
            going.remove(segment);
        }
        files.forceDirectory(state.directory);
    }

    private void deleteGone() {
        try {
            removeGone();
        } catch (IOException e) {
            LOG.warn("log {}: deleting old segments failed, the next start does it: {}", state.id, e.toString());
        }
    }

    /** Recovers in place. What was reported as flushed is this log's recovery point. */
    long reopen() throws IOException {
        if (state.closed || state.damage != null) {
            requireUsable();
        }
        StorageException offline = state.home.failure().orElse(null);
        if (offline != null) {
            throw new StorageException(
                    Kind.IO, "log " + state.id + ": its directory is offline: " + offline.getMessage(), offline);
        }
        if (state.failure == null) {
            return state.writtenEndOffset;
        }
        if (state.logStartOffset > state.durableStartOffset) { // recovery removes what lies below it
            checkpointStart();
        }
        long written = state.writtenEndOffset;
        Checkpoint known = state.checkpoint();
        EpochChain durable = state.chain.cutAt(written);
        LogRecovery recovery = new LogRecovery(state.id, state.home, state.directory, state.settings, known, durable);
        LogRecovery.Recovered recovered;
        try {
            recovered = recovery.recover();
        } catch (IOException e) {
            StorageException cause = StorageException.of("log " + state.id + ": recovery", e);
            if (cause.kind() == Kind.DISK_FULL && !(e instanceof FlushFailedException)) {
                throw cause; // the log stays as it was, to be reopened when there is room
            }
            throw offline("recovery", e);
        }
        if (recovered.damage() == null && recovered.endOffset() < written) {
            Damage lost = new Damage(recovered.endOffset(), "the log was written to " + written);
            recovered = recovered.damagedBy(lost);
        }
        if (recovered.damage() == null) {
            state.home.epochsCut(state.id, recovered.endOffset());
            producers.deleteAbove(recovered.endOffset());
        } else {
            state.checkpointBeforeDamage = known; // P34: nothing is cut, and the next start must find the same damage
        }
        for (Segment segment : state.segments.all()) {
            segment.retire();
        }
        state.recovered(recovered);
        if (recovered.damage() != null) {
            throw state.damaged(recovered.damage());
        }
        if (known.isReset()) {
            resetIsOver();
        }
        LOG.info("log {}: reopened, it ends at {}", state.id, recovered.endOffset());
        state.failure = null;
        writer.work().accept();
        writer.tell(listener -> listener.onProgress(state.writtenEndOffset, state.flushedEndOffset));
        return recovered.endOffset();
    }

    void requireUsable() throws StorageException {
        reads.requireServed();
        writer.requireRunning();
    }
}
