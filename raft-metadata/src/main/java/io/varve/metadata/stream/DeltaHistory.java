// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.stream;

import io.varve.metadata.image.MetadataDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The last deltas, up to a bound: the one queue of all followers. *Confined to the feed's loop.* Invariant: without gaps,
 * each delta follows the one before.
 */
final class DeltaHistory {

    private final FeedSettings settings;
    private final TreeMap<Long, MetadataDelta> byPrevIndex = new TreeMap<>();
    private long records;

    DeltaHistory(FeedSettings settings) {
        this.settings = settings;
    }

    void add(MetadataDelta delta) {
        if (!byPrevIndex.isEmpty() && byPrevIndex.lastEntry().getValue().index() != delta.prevIndex()) {
            clear();
        }
        byPrevIndex.put(delta.prevIndex(), delta);
        records += delta.records().size();
        while (byPrevIndex.size() > settings.historyDeltas()
                || (records > settings.historyRecords() && byPrevIndex.size() > 1)) {
            records -= byPrevIndex.pollFirstEntry().getValue().records().size();
        }
    }

    void clear() {
        byPrevIndex.clear();
        records = 0;
    }

    /** The next deltas after this index, as many as one message has; empty if the first of them is gone. */
    List<MetadataDelta> after(long index) {
        var found = new ArrayList<MetadataDelta>();
        if (!byPrevIndex.containsKey(index)) {
            return found;
        }
        int size = 0;
        for (var delta : byPrevIndex.tailMap(index).values()) {
            size += 1 + delta.records().size(); // an empty delta is not free either
            if (size > settings.messageRecords() && !found.isEmpty()) {
                break;
            }
            found.add(delta);
        }
        return found;
    }

    /** Whether this cannot be an entry of this log: another term is at this index, or no command is. */
    boolean contradicts(long index, long term) {
        var entry = byPrevIndex.lowerEntry(index);
        if (entry == null || entry.getValue().index() < index) {
            return false;
        }
        return entry.getValue().index() != index || entry.getValue().term() != term;
    }
}
