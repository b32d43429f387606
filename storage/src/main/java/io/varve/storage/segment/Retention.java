// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.LogSettings;
import io.varve.storage.StorageException;
import java.io.IOException;
import java.util.List;

/**
 * Which segments are old enough to go, by size and by time; and when the active one is old enough to be rolled. Never one that reaches above the high
 * watermark (P37, I25).
 *
 * <p><i>confined to the log's I/O task</i>
 */
final class Retention {
    private static final long NOT_SEEN = Long.MIN_VALUE;

    private final LogState state;
    private final LogWriter writer;
    private final LogChanges changes;
    /** When a call first found records in the active segment: storage reads no clock, and producers' timestamps may be of any year. */
    private long activeSeenMillis = NOT_SEEN;

    private long activeBaseOffset = NOT_SEEN;

    Retention(LogState state, LogWriter writer, LogChanges changes) {
        this.state = state;
        this.writer = writer;
        this.changes = changes;
    }

    /** Returns the log's start. */
    long apply(long nowMillis, long highWatermark) throws IOException {
        changes.requireUsable();
        rollIfOld(nowMillis, highWatermark);
        long start = startBySize(highWatermark);
        start = Math.max(start, startByTime(nowMillis, highWatermark));
        changes.advanceLogStart(start, Math.max(highWatermark, state.logStartOffset));
        for (Segment segment : state.segments.all()) {
            segment.closeIfIdle();
        }
        return state.logStartOffset;
    }

    private void rollIfOld(long nowMillis, long highWatermark) throws StorageException {
        Segment active = state.segments.last();
        if (active == null || active.sizeBytes() == 0) {
            return;
        }
        if (activeBaseOffset != active.baseOffset()) {
            activeBaseOffset = active.baseOffset();
            activeSeenMillis = nowMillis;
        }
        boolean old =
                nowMillis - activeSeenMillis >= state.settings.segmentAge().toMillis();
        boolean expired = active.endOffset() <= highWatermark && expired(active, nowMillis);
        if (old || expired) {
            writer.roll();
        }
    }

    private long startBySize(long highWatermark) {
        long limit = state.settings.retentionBytes();
        long start = state.logStartOffset;
        if (limit == LogSettings.UNLIMITED) {
            return start;
        }
        long size = state.segments.sizeBytes();
        for (Segment segment : state.segments.sealed()) {
            size -= segment.sizeBytes();
            if (size < limit || segment.endOffset() > highWatermark) {
                break;
            }
            start = segment.endOffset();
        }
        return start;
    }

    private long startByTime(long nowMillis, long highWatermark) {
        long start = state.logStartOffset;
        List<Segment> sealed = state.segments.sealed();
        for (Segment segment : sealed) {
            if (!expired(segment, nowMillis) || segment.endOffset() > highWatermark) {
                break;
            }
            start = segment.endOffset();
        }
        return start;
    }

    private boolean expired(Segment segment, long nowMillis) {
        long limit = state.settings.retentionMillis();
        long newest = segment.newestTimestamp();
        // records without a timestamp have no age
        return limit != LogSettings.UNLIMITED && newest >= 0 && newest <= nowMillis && nowMillis - newest > limit;
    }
}
