// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.LogSettings;
import io.varve.storage.StorageException;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What is old enough to go, by time and by size; and when the active segment is old enough to be rolled. Nothing at or above the high watermark goes
 * (P37, I25). Time is a promise about records: it counts batch by batch, in the active segment as in any other. Size counts whole segments, as it is
 * files that take the room.
 *
 * <p>{@link #start} is <i>thread-safe</i>; the rest is <i>confined to the log's I/O task</i>
 */
final class Retention {
    private static final long NOT_SEEN = -1;

    private final LogState state;
    private final LogWriter writer;
    private final ColdReads reads;
    private final LogChanges changes;
    /** When a call first found records in the active segment: producers' timestamps may be of any year. */
    private long activeSeenNanos;

    private long activeBaseOffset = NOT_SEEN;
    private volatile Held held = Held.NOTHING; // volatile: written and read by whoever asks for the start

    /**
     * Why a log begins where it does: the batch there is from {@code newestMillis}. Until that is too old, nobody needs to read it again, so that an
     * idle log stays closed. Another segment, a truncation, or another start end it.
     */
    private record Held(@Nullable Segment segment, int truncations, long start, long newestMillis) {
        static final Held NOTHING = new Held(null, 0, 0, 0);

        boolean is(Segment of, int now, long from, long cutoff) {
            return segment == of && truncations == now && start == from && newestMillis >= cutoff;
        }
    }

    /** Where batches end that are all too old, 0 for none; and the newest timestamp of the one that is not, {@code NO_TIMESTAMP} if none was met. */
    private record Expired(long end, long heldByMillis) {}

    Retention(LogState state, LogWriter writer, ColdReads reads, LogChanges changes) {
        this.state = state;
        this.writer = writer;
        this.reads = reads;
        this.changes = changes;
    }

    /** Rolls a segment that is old, and closes what nobody reads. */
    void tidy(long monotonicNanos) throws IOException {
        changes.requireUsable();
        Segment active = state.segments.last();
        if (active != null && active.sizeBytes() > 0) {
            if (activeBaseOffset != active.baseOffset()) {
                activeBaseOffset = active.baseOffset();
                activeSeenNanos = monotonicNanos;
            }
            long ageMillis = (monotonicNanos - activeSeenNanos) / 1_000_000;
            if (ageMillis >= state.settings.segmentAge().toMillis()) {
                writer.roll();
            }
        }
        writer.closeIfIdle();
        for (Segment segment : state.segments.all()) {
            segment.closeIfIdle();
        }
    }

    /** Where the log should begin. */
    long start(long nowMillis, long highWatermark) throws StorageException {
        reads.requireServed();
        long end = Math.min(highWatermark, state.writtenEndOffset); // before the segments: they are published first
        Segments segments = state.segments;
        long start = Math.max(state.logStartOffset, startBySize(segments, end));
        return startByTime(segments, start, end, nowMillis); // from there on: what size leaves may be old, too
    }

    private long startBySize(Segments segments, long end) {
        long limit = state.settings.retentionBytes();
        long start = 0;
        if (limit == LogSettings.UNLIMITED) {
            return start;
        }
        long size = segments.sizeBytes();
        for (Segment segment : segments.sealed()) {
            size -= segment.sizeBytes();
            if (size < limit || segment.endOffset() > end) {
                break;
            }
            start = segment.endOffset();
        }
        return start;
    }

    private long startByTime(Segments segments, long logStart, long end, long nowMillis) throws StorageException {
        long limit = state.settings.retentionMillis();
        long cutoff = nowMillis - limit;
        long start = logStart;
        int truncations = state.truncations;
        if (limit == LogSettings.UNLIMITED || cutoff <= 0) {
            return start;
        }
        for (int i = Math.max(0, segments.floorIndex(logStart));
                i < segments.all().size() && start < end;
                i++) {
            Segment segment = segments.all().get(i);
            long from = Math.max(start, segment.baseOffset());
            long until = Math.min(end, segment.endOffset());
            long newest = segment.newestTimestamp();
            if (newest < 0 || from >= until) {
                continue; // nothing in it has an age: it goes with the next one that has
            }
            if (newest < cutoff) {
                start = until;
                continue;
            }
            if (held.is(segment, truncations, from, cutoff)) {
                return start;
            }
            Expired expired = reads.briefly(segment, (s, file) -> expiredIn(s, file, from, until, cutoff));
            start = Math.max(start, expired.end());
            if (expired.heldByMillis() != SegmentIndex.NO_TIMESTAMP) {
                held = new Held(segment, truncations, Math.max(from, expired.end()), expired.heldByMillis());
            }
            return start;
        }
        return start;
    }

    private Expired expiredIn(Segment segment, StoreFile file, long from, long until, long cutoff) throws IOException {
        long skipped = reads.finder().offsetBefore(segment, file, cutoff);
        if (skipped >= until) {
            return new Expired(until, SegmentIndex.NO_TIMESTAMP);
        }
        long end = skipped > from ? skipped : 0;
        long heldBy = SegmentIndex.NO_TIMESTAMP;
        HeaderWalk walk = reads.finder().find(segment, file, Math.max(from, skipped));
        while (walk.offset() < until && walk.next() && walk.nextOffset() <= until) {
            if (walk.maxTimestamp() >= cutoff) {
                heldBy = walk.maxTimestamp();
                break;
            }
            if (walk.maxTimestamp() >= 0) {
                end = walk.nextOffset();
            }
            walk.step();
        }
        if (walk.problem() != null) {
            throw reads.finder().damaged(segment, walk);
        }
        return new Expired(end, heldBy);
    }
}
