// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import java.util.Arrays;

/** Appends that are sent and not acknowledged yet, or staged and not committed: where each ends and how large it is, in a ring. *Confined to the partition loop.* */
final class InFlight {
    private static final int FIRST_CAPACITY = 8;
    private static final long[] NO_ENDS = {};
    private static final int[] NO_SIZES = {};

    private long[] ends = NO_ENDS; // of thousands of partitions few have any
    private int[] sizes = NO_SIZES;
    private int head;
    private int count;
    private long bytes;

    void sent(long endOffset, int sizeBytes) {
        if (count == ends.length) {
            grow();
        }
        int slot = (head + count) % ends.length;
        ends[slot] = endOffset;
        sizes[slot] = sizeBytes;
        count++;
        bytes += sizeBytes;
    }

    void acknowledged(long endOffset) {
        while (count > 0 && ends[head] <= endOffset) {
            bytes -= sizes[head];
            head = (head + 1) % ends.length;
            count--;
        }
    }

    void clear() {
        count = 0;
        bytes = 0;
    }

    boolean isEmpty() {
        return count == 0;
    }

    long bytes() {
        return bytes;
    }

    private void grow() {
        long[] olderEnds = ends;
        int[] olderSizes = sizes;
        int capacity = Math.max(FIRST_CAPACITY, olderEnds.length * 2);
        ends = Arrays.copyOf(olderEnds, capacity);
        sizes = Arrays.copyOf(olderSizes, capacity);
        for (int i = 0; i < count; i++) {
            ends[i] = olderEnds[(head + i) % olderEnds.length];
            sizes[i] = olderSizes[(head + i) % olderSizes.length];
        }
        head = 0;
    }
}
