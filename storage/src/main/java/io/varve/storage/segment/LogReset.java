// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins a log anew at another offset (P8). In this order, so that a crash between any two steps leaves a log that recovers:
 *
 * <pre>
 * the checkpoint says that nothing above the log's start is durable    the old log; what is shorter is no damage
 * all files go at once                                                 empty at the old start
 * the epochs go
 * the checkpoint says where the log begins now                         empty at the new start
 * </pre>
 *
 * Were the new start durable before the files are gone, or the old recovery point after, recovery would take the log for a damaged one.
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
        Segments before = state.segments;
        if (!before.isEmpty()) {
            changes.lowerCheckpoint(before.all().get(0).baseOffset(), state.logStartOffset);
        }
        state.truncations++;
        try {
            writer.closeActive();
            long start = state.logStartOffset;
            state.highWatermark = start;
            state.flushedEndOffset = start;
            state.writtenEndOffset = start;
            state.stagedEndOffset = start;
            state.segments = Segments.NONE;
            for (Segment segment : before.all()) {
                segment.retire();
            }
            producers.alone(() -> state.home.filesGone(state.id));
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
        begin(offset);
        return offset;
    }

    private void begin(long offset) throws IOException {
        long before = state.logStartOffset;
        move(offset);
        try {
            changes.checkpointStart();
        } catch (IOException e) {
            move(before); // empty as it is there, it can be reopened
            writer.failing("reset to " + offset, e);
        }
    }

    /** Of an empty log, all at once but for who looks in between: I10 holds on the way. */
    private void move(long offset) {
        if (offset < state.logStartOffset) {
            state.logStartOffset = offset;
            state.highWatermark = offset;
            state.flushedEndOffset = offset;
            state.writtenEndOffset = offset;
            state.stagedEndOffset = offset;
        } else {
            state.stagedEndOffset = offset;
            state.writtenEndOffset = offset;
            state.flushedEndOffset = offset;
            state.highWatermark = offset;
            state.logStartOffset = offset;
        }
    }
}
