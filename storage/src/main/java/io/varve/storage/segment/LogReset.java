// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.StorageException;
import io.varve.storage.StorageException.Kind;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins a log anew at another offset (P8):
 *
 * <pre>
 * the checkpoint says that the log begins there and has no files    from here on, recovery finishes it
 * all files go at once
 * the epochs go
 * the checkpoint says that the log is empty there
 * </pre>
 *
 * So whatever stops it, there is the old log or the new one, and never one that looks whole and has less than either.
 *
 * <p><i>confined to the log's I/O task</i>
 */
final class LogReset {
    private static final Logger LOG = LoggerFactory.getLogger(LogReset.class);

    private final LogState state;
    private final LogWriter writer;
    private final LogChanges changes;
    private final ProducerSnapshots producers;

    LogReset(LogState state, LogWriter writer, LogChanges changes, ProducerSnapshots producers) {
        this.state = state;
        this.writer = writer;
        this.changes = changes;
        this.producers = producers;
    }

    long resetTo(long offset) throws IOException {
        changes.requireUsable();
        changes.requireNothingStaged("reset to " + offset);
        if (offset < 0) {
            throw new IllegalArgumentException("log " + state.id + ": reset to " + offset);
        }
        LOG.info(
                "log {}: begins anew at {}, it was [{}, {})",
                state.id,
                offset,
                state.logStartOffset,
                state.writtenEndOffset);
        changes.forgetJournaled(0);
        mark(offset);
        Segments before = state.segments;
        state.truncations++;
        try {
            writer.closeActive();
            move(offset);
            state.segments = Segments.NONE;
            for (Segment segment : before.all()) {
                segment.retire();
            }
            producers.alone(() -> state.home.filesGone(state.id));
            state.compaction.forget();
            if (!state.chain.entries().isEmpty()) {
                state.home.epochsCut(state.id, 0);
                state.chain = EpochChain.EMPTY;
            }
            state.recoveryPointLimit = Long.MAX_VALUE;
        } catch (IOException e) {
            throw changes.offline("reset to " + offset, e);
        } finally {
            state.truncations++;
        }
        try {
            changes.resetIsOver();
        } catch (IOException e) {
            writer.failing("reset to " + offset, e); // the mark stays, so that reopening finishes it
        }
        return offset;
    }

    /** A full disk leaves everything as it was. After another failure nobody knows which checkpoint a restart would find. */
    private void mark(long offset) throws StorageException {
        state.resetOffset = offset;
        try {
            state.home.checkpoint();
        } catch (StorageException e) {
            if (e.kind() == Kind.DISK_FULL) {
                state.resetOffset = LogState.NO_RESET;
                throw e;
            }
            throw changes.offline("reset to " + offset, e);
        }
    }

    /** Of an empty log, all at once but for who looks in between: I10 holds on the way. */
    private void move(long offset) {
        if (offset < state.logStartOffset) {
            state.logStartOffset = offset;
            state.highWatermark = offset;
            state.segmentFlushedEndOffset = offset;
            state.flushedEndOffset = offset;
            state.writtenEndOffset = offset;
            state.stagedEndOffset = offset;
        } else {
            state.stagedEndOffset = offset;
            state.writtenEndOffset = offset;
            state.flushedEndOffset = offset;
            state.segmentFlushedEndOffset = offset;
            state.highWatermark = offset;
            state.logStartOffset = offset;
        }
    }
}
