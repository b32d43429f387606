// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * How far a log was compacted.
 *
 * @param compactedTo below it only the last record of each key is left
 * @param tombstoneHorizon no tombstone at or above it was ever removed from this log: whoever has everything below knows of every deletion
 * @param firstTombstone the lowest tombstone below {@code compactedTo}, {@link #NONE_LEFT} if there is none
 * @param passes when passes ended and how far they had come, oldest first: since when a tombstone has nothing left to delete
 *     <p><i>immutable</i>
 */
record CompactionMark(long compactedTo, long tombstoneHorizon, long firstTombstone, List<Pass> passes) {
    static final long NONE_LEFT = -1;

    static final CompactionMark NONE = new CompactionMark(0, 0, NONE_LEFT, List.of());

    private static final int MOST_PASSES = 16;
    /** Passes closer to each other than this part of the retention count as the later one. */
    private static final int PASSES_PER_RETENTION = 8;

    /** Below {@code endOffset} the log was compact at {@code atMillis}. */
    record Pass(long endOffset, long atMillis) {}

    CompactionMark {
        passes = List.copyOf(passes);
    }

    /** Whether a tombstone at {@code offset} has had its time. */
    boolean mayGo(long offset, long nowMillis, long retentionMillis) {
        for (Pass pass : passes) {
            if (pass.endOffset > offset && nowMillis - pass.atMillis >= retentionMillis) {
                return true;
            }
        }
        return false;
    }

    /** Whether there is a tombstone that has had its time. */
    boolean anyMayGo(long nowMillis, long retentionMillis) {
        return firstTombstone != NONE_LEFT && mayGo(firstTombstone, nowMillis, retentionMillis);
    }

    CompactionMark withHorizon(long horizon) {
        return new CompactionMark(compactedTo, Math.max(tombstoneHorizon, horizon), firstTombstone, passes);
    }

    /** After a pass. The list of passes stays short: what one forgets counts from the next one on. */
    CompactionMark after(Pass done, long firstTombstoneLeft, long retentionMillis) {
        List<Pass> next = new ArrayList<>(passes);
        while (next.size() > 1 && done.atMillis - next.get(1).atMillis >= retentionMillis) {
            next.remove(0);
        }
        int size = next.size();
        boolean close = size > 1
                && next.get(size - 1).atMillis - next.get(size - 2).atMillis < retentionMillis / PASSES_PER_RETENTION;
        if (close || size == MOST_PASSES) {
            next.remove(size - 1);
        }
        next.add(done);
        boolean beyond = firstTombstoneLeft == NONE_LEFT && firstTombstone >= done.endOffset; // it was not looked at
        return new CompactionMark(
                Math.max(compactedTo, done.endOffset),
                tombstoneHorizon,
                beyond ? firstTombstone : firstTombstoneLeft,
                next);
    }

    /** Of a log that was cut: what comes there is new. */
    CompactionMark cutAt(long endOffset) {
        if (compactedTo <= endOffset) {
            return this;
        }
        List<Pass> cut = new ArrayList<>();
        for (Pass pass : passes) {
            cut.add(new Pass(Math.min(pass.endOffset, endOffset), pass.atMillis));
        }
        return new CompactionMark(endOffset, tombstoneHorizon, firstTombstone, cut);
    }

    ByteBuffer bytes() {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * (4 + 2 * passes.size()));
        bytes.putLong(compactedTo)
                .putLong(tombstoneHorizon)
                .putLong(firstTombstone)
                .putLong(passes.size());
        for (Pass pass : passes) {
            bytes.putLong(pass.endOffset).putLong(pass.atMillis);
        }
        return bytes.flip();
    }

    static CompactionMark of(ByteBuffer bytes) {
        long compactedTo = bytes.getLong();
        long horizon = bytes.getLong();
        long first = bytes.getLong();
        List<Pass> passes = new ArrayList<>();
        for (long left = bytes.getLong(); left > 0; left--) {
            passes.add(new Pass(bytes.getLong(), bytes.getLong()));
        }
        return new CompactionMark(compactedTo, horizon, first, passes);
    }
}
