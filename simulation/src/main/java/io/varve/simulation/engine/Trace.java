// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What happened: a hash over time, node and label of every event, which must be equal for equal seeds, and the last events as text. Text is made only when
 * somebody asks for it, from objects as they are then; so a detail must not change, or must not mind.
 */
public final class Trace {
    private static final int KEPT = 200;
    private static final long PRIME = 0x9E3779B97F4A7C15L;

    private final @Nullable Consumer<String> sink;
    private final long[] times = new long[KEPT];
    private final int[] nodes = new int[KEPT];
    private final @Nullable String[] labels = new @Nullable String[KEPT];
    private final @Nullable Object[] details = new @Nullable Object[KEPT];
    private long count;
    private long hash = 0x243F6A8885A308D3L;

    public Trace() {
        this(null);
    }

    /** Every event as a line, at once; null for none. */
    public Trace(@Nullable Consumer<String> sink) {
        this.sink = sink;
    }

    /**
     * One event. Only time, node and label enter the hash.
     *
     * @param node 0 if it is nobody's
     * @param detail for people; its text is made late, or never
     */
    public void event(long nowNanos, int node, String label, @Nullable Object detail) {
        hash = mixIn(mixIn(hash, nowNanos), ((long) node << 32) ^ label.hashCode());
        int slot = (int) (count % KEPT);
        times[slot] = nowNanos;
        nodes[slot] = node;
        labels[slot] = label;
        details[slot] = detail;
        count++;
        if (sink != null) {
            sink.accept(line(count - 1));
        }
    }

    /** A fact that must be the same in every run of the seed: an offset, a hash of an image. */
    public void fact(long value) {
        hash = mixIn(hash, value);
    }

    private static long mixIn(long hash, long value) {
        long mixed = (hash ^ value) * PRIME;
        return mixed ^ (mixed >>> 29);
    }

    public long hash() {
        return hash;
    }

    /** How many events there were. */
    public long count() {
        return count;
    }

    /** The last events, oldest first, 200 at most. */
    public List<String> last() {
        List<String> lines = new ArrayList<>();
        for (long i = Math.max(0, count - KEPT); i < count; i++) {
            lines.add(line(i));
        }
        return lines;
    }

    private String line(long number) {
        int slot = (int) (number % KEPT);
        Object detail = details[slot];
        String text = detail == null ? "" : " " + text(detail);
        String node = nodes[slot] == 0 ? "-" : Integer.toString(nodes[slot]);
        return String.format(
                Locale.ROOT, "%8d %14.6f ms  %3s  %s%s", number, times[slot] / 1e6, node, labels[slot], text);
    }

    private static String text(Object detail) {
        try {
            return detail.toString();
        } catch (RuntimeException e) {
            return detail.getClass().getSimpleName() + " (" + e + ")"; // a failure must be told to its end
        }
    }
}
