// SPDX-License-Identifier: Apache-2.0
package io.varve.it.load;

import java.util.Arrays;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/** When a partition's records were sent and acknowledged, as {@code System.nanoTime} says. <i>Thread-safe.</i> */
public final class AckTimes {
    private static final int INITIAL = 4096;

    private long[] sentNanos = new long[INITIAL]; // guarded by this
    private long[] ackedNanos = new long[INITIAL]; // guarded by this
    private int count; // guarded by this

    synchronized void acknowledged(long sent, long acked) {
        if (count == sentNanos.length) {
            sentNanos = Arrays.copyOf(sentNanos, 2 * count);
            ackedNanos = Arrays.copyOf(ackedNanos, 2 * count);
        }
        sentNanos[count] = sent;
        ackedNanos[count] = acked;
        count++;
    }

    /** Forgets what was before. */
    public synchronized void restart() {
        count = 0;
    }

    /** The earliest acknowledgement of a record that was sent at this time or later. */
    public synchronized OptionalLong firstAckOfRecordSentFrom(long nanos) {
        OptionalLong first = OptionalLong.empty();
        for (int i = 0; i < count; i++) {
            if (sentNanos[i] - nanos >= 0 && (first.isEmpty() || ackedNanos[i] - first.getAsLong() < 0)) {
                first = OptionalLong.of(ackedNanos[i]);
            }
        }
        return first;
    }

    /** The longest time without an acknowledgement, from this time to the last one. */
    public synchronized long longestPauseNanos(long fromNanos) {
        long[] later = Arrays.stream(ackedNanos, 0, count)
                .filter(at -> at - fromNanos >= 0)
                .sorted()
                .toArray();
        long longest = 0;
        long before = fromNanos;
        for (long at : later) {
            longest = Math.max(longest, at - before);
            before = at;
        }
        return longest;
    }

    /** From send to acknowledgement, in no order. */
    public synchronized LongStream latenciesNanos() {
        long[] latencies = new long[count];
        for (int i = 0; i < count; i++) {
            latencies[i] = ackedNanos[i] - sentNanos[i];
        }
        return Arrays.stream(latencies);
    }

    /** The longest time from send to acknowledgement, of records sent from this time on. */
    public synchronized long longestLatencyNanos(long fromNanos) {
        long longest = 0;
        for (int i = 0; i < count; i++) {
            if (sentNanos[i] - fromNanos >= 0) {
                longest = Math.max(longest, ackedNanos[i] - sentNanos[i]);
            }
        }
        return longest;
    }
}
