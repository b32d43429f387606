// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.EpochEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * Which leader epoch wrote which offsets. Invariant (I8): epochs and start offsets strictly increase. An epoch that began where the next one does has
 * no record and is left out.
 *
 * <p><i>immutable</i>
 */
public final class EpochChain {
    public static final EpochChain EMPTY = new EpochChain(List.of());
    /** The epoch of offsets before the first link. */
    static final int NO_EPOCH = 0;

    private final List<EpochEntry> entries;

    private EpochChain(List<EpochEntry> entries) {
        this.entries = List.copyOf(entries);
    }

    public List<EpochEntry> entries() {
        return entries;
    }

    int lastEpoch() {
        return entries.isEmpty() ? NO_EPOCH : entries.get(entries.size() - 1).leaderEpoch();
    }

    /** Adds a link. Links that begin at its start or above have no record and go. */
    public EpochChain with(EpochEntry next) {
        EpochChain kept = cutAt(next.startOffset());
        if (next.leaderEpoch() <= kept.lastEpoch()) {
            throw new IllegalArgumentException(
                    "epoch " + next.leaderEpoch() + " from " + next.startOffset() + " on does not follow " + kept);
        }
        List<EpochEntry> longer = new ArrayList<>(kept.entries);
        longer.add(next);
        return new EpochChain(longer);
    }

    /** Without the links that begin at {@code endOffset} or above (also when that is the log's end, or an epoch without records would stay). */
    public EpochChain cutAt(long endOffset) {
        int keep = entries.size();
        while (keep > 0 && entries.get(keep - 1).startOffset() >= endOffset) {
            keep--;
        }
        return keep == entries.size() ? this : new EpochChain(entries.subList(0, keep));
    }

    int epochAt(long offset) {
        return EpochEntry.epochAt(entries, offset);
    }

    /** Whether this chain says that epoch wrote the whole of [baseOffset, endOffset). */
    boolean agrees(long baseOffset, long endOffset, int leaderEpoch) {
        return epochAt(baseOffset) == leaderEpoch && epochAt(endOffset - 1) == leaderEpoch;
    }

    @Override
    public String toString() {
        return entries.toString();
    }
}
