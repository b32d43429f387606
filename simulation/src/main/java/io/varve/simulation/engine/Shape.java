// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import java.util.Locale;

/**
 * How large a simulated cluster is. <i>Immutable.</i> Nodes are 1 to {@code nodes}; the first {@code voters} of them vote.
 *
 * @param partitions of all topics at the beginning
 * @param faultsEndNanos when everything is healed and no fault begins any more
 * @param endNanos when the run ends
 */
public record Shape(
        int nodes, int voters, int partitions, int producers, int consumers, long faultsEndNanos, long endNanos) {

    private static final long SECOND = 1_000_000_000L;

    /**
     * Five nodes, three voters, eight partitions; faults for half a minute, then more than the 37 s that the slowest rules need together: a connection that
     * holds what is under way, until it is given up, and 30 s of prompt flushes for a member that seemed to have stalled in them.
     */
    public static final Shape USUAL = new Shape(5, 3, 8, 4, 3, 30 * SECOND, 72 * SECOND);

    public Shape withLoad(int newPartitions, int newProducers, int newConsumers) {
        return new Shape(nodes, voters, newPartitions, newProducers, newConsumers, faultsEndNanos, endNanos);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "nodes=%d voters=%d partitions=%d producers=%d consumers=%d faultsEnd=%dus end=%dus",
                nodes,
                voters,
                partitions,
                producers,
                consumers,
                faultsEndNanos / 1000,
                endNanos / 1000);
    }

    static Shape parse(String text) {
        long[] values = new long[7];
        String[] words = text.trim().split(" +", -1);
        String[] names = {"nodes", "voters", "partitions", "producers", "consumers", "faultsEnd", "end"};
        for (int i = 0; i < names.length; i++) {
            if (i >= words.length || !words[i].startsWith(names[i] + "=")) {
                throw new IllegalArgumentException(names[i] + "= is missing in: " + text);
            }
            String value = words[i].substring(names[i].length() + 1);
            values[i] = Long.parseLong(value.endsWith("us") ? value.substring(0, value.length() - 2) : value);
        }
        return new Shape(
                (int) values[0],
                (int) values[1],
                (int) values[2],
                (int) values[3],
                (int) values[4],
                values[5] * 1000,
                values[6] * 1000);
    }
}
