// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import java.util.Arrays;

/**
 * One producer's recent past in one partition: its epoch and its last batches under it, oldest first.
 *
 * <p>Invariants: 1 ≤ count ≤ {@link #REMEMBERED}; each sequence range begins one after its predecessor's end (mod 2^31). *Confined to the partition
 * loop.*
 */
final class ProducerState {
    /** How many batches a producer may have in flight, hence how many may come twice (P38). */
    static final int REMEMBERED = 5;

    private static final int SEQUENCE_MASK = Integer.MAX_VALUE; // sequences run 0 .. 2^31-1 and then 0 again

    private int[] baseSequence = new int[1]; // most producers of most partitions came once
    private long[] baseOffset = new long[1];
    private int[] recordCount = new int[1];
    private short epoch;
    private int oldest;
    private int count;
    private long lastSeenMillis;

    ProducerState(short epoch) {
        this.epoch = epoch;
    }

    /** Remembers a batch; one under a newer epoch makes those under the older forgotten. */
    void append(short batchEpoch, int batchSequence, int records, long offset, long seenMillis) {
        if (batchEpoch != epoch) {
            epoch = batchEpoch;
            count = 0;
        }
        if (count == REMEMBERED) {
            oldest = (oldest + 1) % REMEMBERED;
            count--;
        }
        int at = (oldest + count) % REMEMBERED;
        if (at == baseSequence.length) {
            baseSequence = Arrays.copyOf(baseSequence, REMEMBERED);
            baseOffset = Arrays.copyOf(baseOffset, REMEMBERED);
            recordCount = Arrays.copyOf(recordCount, REMEMBERED);
        }
        baseSequence[at] = batchSequence;
        baseOffset[at] = offset;
        recordCount[at] = records;
        count++;
        lastSeenMillis = seenMillis;
    }

    short epoch() {
        return epoch;
    }

    long lastSeenMillis() {
        return lastSeenMillis;
    }

    int count() {
        return count;
    }

    int nextSequence() {
        int newest = slot(count - 1);
        return plus(baseSequence[newest], recordCount[newest]);
    }

    /** Position (0 is the oldest) of the batch with exactly these sequences, or a negative number. */
    int indexOf(int batchSequence, int records) {
        for (int i = 0; i < count; i++) {
            if (baseSequence[slot(i)] == batchSequence && recordCount[slot(i)] == records) {
                return i;
            }
        }
        return -1;
    }

    /** Whether the whole range lies before the next sequence, in the half of the circle behind it. */
    boolean isBehind(int batchSequence, int records) {
        int back = (nextSequence() - batchSequence) & SEQUENCE_MASK;
        return back >= records && back <= SEQUENCE_MASK / 2;
    }

    int baseSequence(int i) {
        return baseSequence[slot(i)];
    }

    long baseOffset(int i) {
        return baseOffset[slot(i)];
    }

    int recordCount(int i) {
        return recordCount[slot(i)];
    }

    private int slot(int i) {
        return (oldest + i) % REMEMBERED;
    }

    static int plus(int sequence, int records) {
        return (sequence + records) & SEQUENCE_MASK;
    }

    /** Same function of the log (I18): what it was last seen at is not part of it. */
    boolean sameAs(ProducerState other) {
        if (epoch != other.epoch || count != other.count) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (baseSequence(i) != other.baseSequence(i)
                    || baseOffset(i) != other.baseOffset(i)
                    || recordCount(i) != other.recordCount(i)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("epoch ").append(epoch);
        for (int i = 0; i < count; i++) {
            text.append(" [").append(baseSequence(i)).append('+').append(recordCount(i));
            text.append(" at ").append(baseOffset(i)).append(']');
        }
        return text.toString();
    }
}
