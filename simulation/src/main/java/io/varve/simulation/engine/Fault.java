// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * One fault of a plan. <i>Immutable.</i>
 *
 * @param atNanos in virtual time
 * @param nodes whose it is; for links, from the first to the second
 * @param durationNanos 0 for what happens in a moment
 * @param amount as its class says
 */
public record Fault(long atNanos, FaultClass what, List<Integer> nodes, long durationNanos, long amount) {
    public Fault {
        nodes = List.copyOf(nodes);
        // Whole microseconds, so that a plan that was written down is the same plan.
        atNanos = atNanos / 1000 * 1000;
        durationNanos = durationNanos / 1000 * 1000;
    }

    public int node() {
        return nodes.get(0);
    }

    public long endNanos() {
        return atNanos + durationNanos;
    }

    /** As {@link #parse} reads it, for example {@code 12345000us POWER_LOSS nodes=1,2 for=500000us amount=0}. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%dus %s nodes=%s for=%dus amount=%d",
                atNanos / 1000,
                what,
                nodes.stream().map(String::valueOf).collect(Collectors.joining(",")),
                durationNanos / 1000,
                amount);
    }

    static Fault parse(String line) {
        String[] words = line.trim().split(" +", -1);
        if (words.length != 5) {
            throw new IllegalArgumentException("a fault is: AT CLASS nodes=N,N for=DURATION amount=N, not: " + line);
        }
        String nodes = value(words[2], "nodes", line);
        List<Integer> numbers = nodes.isEmpty()
                ? List.of()
                : List.of(nodes.split(",", -1)).stream().map(Integer::valueOf).toList();
        return new Fault(
                nanos(words[0]),
                FaultClass.valueOf(words[1]),
                numbers,
                nanos(value(words[3], "for", line)),
                Long.parseLong(value(words[4], "amount", line)));
    }

    private static String value(String word, String name, String line) {
        if (!word.startsWith(name + "=")) {
            throw new IllegalArgumentException(name + "= is missing in: " + line);
        }
        return word.substring(name.length() + 1);
    }

    private static long nanos(String text) {
        if (!text.endsWith("us")) {
            throw new IllegalArgumentException("times are in us: " + text);
        }
        return Long.parseLong(text.substring(0, text.length() - 2)) * 1000;
    }
}
