// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The segments of a log at one moment, oldest first. Invariant (I9): each begins where the one before it ends.
 *
 * <p><i>immutable</i>
 */
final class Segments {
    static final Segments NONE = new Segments(List.of());

    private final List<Segment> all;

    Segments(List<Segment> all) {
        this.all = List.copyOf(all);
    }

    List<Segment> all() {
        return all;
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    @Nullable
    Segment last() {
        return all.isEmpty() ? null : all.get(all.size() - 1);
    }

    /** All but the one that is written. */
    List<Segment> sealed() {
        return all.isEmpty() ? all : all.subList(0, all.size() - 1);
    }

    /** Index of the segment that holds {@code offset} if any does: the last one that begins at or below it, -1 if none. */
    int floorIndex(long offset) {
        int low = 0;
        int high = all.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (all.get(middle).baseOffset() <= offset) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    Segments with(Segment next) {
        List<Segment> longer = new ArrayList<>(all);
        longer.add(next);
        return new Segments(longer);
    }

    Segments withoutFirst(int count) {
        return new Segments(all.subList(count, all.size()));
    }

    Segments first(int count) {
        return new Segments(all.subList(0, count));
    }

    /** With {@code next} in the place of {@code replaced}, which stand one behind the other; null if they do not, or not any more. */
    @Nullable
    Segments replacing(List<Segment> replaced, Segment next) {
        int at = all.indexOf(replaced.get(0));
        if (at < 0
                || at + replaced.size() > all.size()
                || !all.subList(at, at + replaced.size()).equals(replaced)) {
            return null;
        }
        List<Segment> other = new ArrayList<>(all);
        other.subList(at, at + replaced.size()).clear();
        other.add(at, next);
        return new Segments(other);
    }

    long sizeBytes() {
        long sum = 0;
        for (Segment segment : all) {
            sum += segment.sizeBytes();
        }
        return sum;
    }
}
