// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import java.util.Arrays;
import java.util.List;

/**
 * What a log holds, batch by batch, with a digest of every prefix: two logs hold the same first n batches if the digests
 * after n are equal.
 *
 * <p>Invariant: bases rise, and each batch ends where the next one begins, once {@link DenseOffsets} has found no fault.
 */
final class MirrorLog {
    private static final int FIRST_BATCHES = 16;

    private long[] base = new long[FIRST_BATCHES];
    private long[] id = new long[FIRST_BATCHES];
    private long[] digest = new long[FIRST_BATCHES];
    private int[] epoch = new int[FIRST_BATCHES];
    private int size;
    private long endOffset;

    static MirrorLog of(List<BatchSeen> batches) {
        MirrorLog log = new MirrorLog();
        batches.forEach(log::append);
        return log;
    }

    void append(BatchSeen batch) {
        if (size == base.length) {
            base = Arrays.copyOf(base, size * 2);
            id = Arrays.copyOf(id, size * 2);
            digest = Arrays.copyOf(digest, size * 2);
            epoch = Arrays.copyOf(epoch, size * 2);
        }
        base[size] = batch.baseOffset();
        id[size] = batch.batchId();
        epoch[size] = batch.leaderEpoch();
        digest[size] = digestWith(batch);
        size++;
        endOffset = batch.endOffset();
    }

    /** What the digest would be with this batch after everything else. */
    long digestWith(BatchSeen batch) {
        long before = size == 0 ? 1 : digest[size - 1];
        return BatchId.mix(before * 31 + batch.batchId()) ^ BatchId.mix(batch.baseOffset() * 31 + batch.leaderEpoch());
    }

    /** What of it ends at or below the offset; it ends there. */
    MirrorLog prefix(long offset) {
        MirrorLog log = new MirrorLog();
        int count = countBelow(offset);
        for (int i = 0; i < count; i++) {
            log.append(at(i));
        }
        return log;
    }

    /** Whether a batch ends, or the first one begins, at the offset. */
    boolean hasEdge(long offset) {
        return offset == endOffset || offset == 0 || indexOf(offset) >= 0;
    }

    /** Drops every batch that does not end at or below the new end. */
    void cutTo(long newEndOffset) {
        size = countBelow(newEndOffset);
        endOffset = newEndOffset;
    }

    int size() {
        return size;
    }

    /** Exclusive. */
    long endOffset() {
        return endOffset;
    }

    int lastEpoch() {
        return size == 0 ? 0 : epoch[size - 1];
    }

    BatchSeen at(int index) {
        return new BatchSeen(base[index], end(index), epoch[index], id[index]);
    }

    long baseAt(int index) {
        return base[index];
    }

    int epochAt(int index) {
        return epoch[index];
    }

    private long end(int index) {
        return index + 1 < size ? base[index + 1] : endOffset;
    }

    /** Of the first {@code count} batches. */
    long digestOf(int count) {
        return count == 0 ? 1 : digest[count - 1];
    }

    /** How many batches end at or below the offset. */
    int countBelow(long offset) {
        if (offset >= endOffset) {
            return size;
        }
        int at = Arrays.binarySearch(base, 0, size, offset);
        return at >= 0 ? at : Math.max(0, -at - 2);
    }

    /** The batch that begins exactly there, or a negative number. */
    int indexOf(long baseOffset) {
        return Arrays.binarySearch(base, 0, size, baseOffset);
    }

    /** Whether this log begins with the first {@code count} batches of another. */
    boolean beginsWith(MirrorLog other, int count) {
        return size >= count && digestOf(count) == other.digestOf(count);
    }

    /** How many leading batches both have. */
    int commonWith(MirrorLog other) {
        int low = 0;
        int high = Math.min(size, other.size);
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (digestOf(middle) == other.digestOf(middle)) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** What is at an index, for messages. */
    String describe(int index) {
        return index < size ? at(index).toString() : "nothing (it ends at " + endOffset + ")";
    }
}
