// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.CompactionRequest;
import io.varve.storage.CompactionSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a pass would look at: sealed segments below the high watermark that are old enough.
 *
 * @param segments from the log's start on, oldest first
 * @param dirtyFrom what was compacted before ends here
 * @param dirtyUntil where the last of them ends
 *     <p><i>immutable</i>
 */
record CompactionPlan(List<Segment> segments, long dirtyFrom, long dirtyUntil) {
    /** Empty if no pass is due. */
    static Optional<CompactionPlan> find(LogState state, CompactionRequest request) {
        CompactionSettings settings = state.settings.compaction();
        CompactionMark mark = state.compaction.mark();
        if (!settings.enabled() || state.damage != null || state.failure != null || state.closed) {
            return Optional.empty();
        }
        long now = request.nowMillis();
        List<Segment> clean = new ArrayList<>();
        long cleanBytes = 0;
        long dirtyBytes = 0;
        boolean overdue = false;
        for (Segment segment : state.segments.sealed()) {
            boolean young = settings.minLagMillis() > 0 && now - segment.newestTimestamp() < settings.minLagMillis();
            if (segment.endOffset() > Math.min(request.highWatermark(), state.flushedEndOffset) || young) {
                break;
            }
            clean.add(segment);
            if (segment.endOffset() <= mark.compactedTo()) {
                cleanBytes += segment.sizeBytes();
            } else {
                dirtyBytes += segment.sizeBytes();
                overdue |= segment.newestTimestamp() >= 0 && now - segment.newestTimestamp() > settings.maxLagMillis();
            }
        }
        boolean dirtyEnough =
                dirtyBytes > 0 && dirtyBytes >= settings.minDirtyRatio() * ((double) cleanBytes + dirtyBytes);
        boolean due = dirtyEnough || overdue || mark.anyMayGo(now, settings.deleteRetentionMillis());
        if (clean.isEmpty() || !due) {
            return Optional.empty();
        }
        long until = clean.get(clean.size() - 1).endOffset();
        long start = Math.max(clean.get(0).baseOffset(), state.logStartOffset);
        long from = Math.min(Math.max(mark.compactedTo(), start), until);
        return Optional.of(new CompactionPlan(List.copyOf(clean), from, until));
    }

    /** What is rewritten into one segment each: neighbours that fit into one. */
    List<List<Segment>> groups(long endOffset, long segmentSizeBytes) {
        List<List<Segment>> groups = new ArrayList<>();
        List<Segment> group = new ArrayList<>();
        long size = 0;
        for (Segment segment : segments) {
            if (segment.baseOffset() >= endOffset) {
                break;
            }
            boolean fits = !group.isEmpty()
                    && size + segment.sizeBytes() <= segmentSizeBytes
                    && segment.endOffset() - group.get(0).baseOffset() < Integer.MAX_VALUE;
            if (!fits && !group.isEmpty()) {
                groups.add(List.copyOf(group));
                group.clear();
                size = 0;
            }
            group.add(segment);
            size += segment.sizeBytes();
        }
        if (!group.isEmpty()) {
            groups.add(List.copyOf(group));
        }
        return groups;
    }
}
