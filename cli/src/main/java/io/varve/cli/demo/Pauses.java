// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.demo;

import java.util.Arrays;

/**
 * How long partitions kept records waiting: a pause begins with an acknowledgement, or with the send of the oldest record
 * that waits if that is later, and ends with the next acknowledgement. Acknowledgements come from one thread; the rest is thread-safe.
 */
final class Pauses {
    private static final long NONE = 0;

    private final long[] lastNanos;
    private final boolean[] heardFrom;
    private final long[] firstAfterNanos;
    private long killNanos = Long.MAX_VALUE;
    private long longestNanos;
    private int longestPartition;

    Pauses(int partitionCount) {
        lastNanos = new long[partitionCount];
        heardFrom = new boolean[partitionCount];
        firstAfterNanos = new long[partitionCount];
    }

    synchronized void acknowledged(int partition, long sentNanos, long nowNanos) {
        long began = heardFrom[partition] && lastNanos[partition] - sentNanos > 0 ? lastNanos[partition] : sentNanos;
        if (nowNanos - began > longestNanos) {
            longestNanos = nowNanos - began;
            longestPartition = partition;
        }
        heardFrom[partition] = true;
        lastNanos[partition] = nowNanos;
        if (killNanos != Long.MAX_VALUE && sentNanos - killNanos >= 0 && firstAfterNanos[partition] == NONE) {
            firstAfterNanos[partition] = Math.max(1, nowNanos - killNanos);
        }
    }

    /** From now on the first acknowledgement of a record that is sent later counts. */
    synchronized void killed(long nowNanos) {
        killNanos = nowNanos;
        Arrays.fill(firstAfterNanos, NONE);
    }

    /** Milliseconds from the kill to the first acknowledgement of a record sent after it; -1 if there is none yet. */
    synchronized long firstAfterKillMillis(int partition) {
        return firstAfterNanos[partition] == NONE ? -1 : firstAfterNanos[partition] / 1_000_000;
    }

    synchronized long longestMillis() {
        return longestNanos / 1_000_000;
    }

    synchronized int longestPartition() {
        return longestPartition;
    }
}
