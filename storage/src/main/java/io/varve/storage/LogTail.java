// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import org.jspecify.annotations.Nullable;

/**
 * The newest chunks of one log, without a gap: a ring, oldest first. Invariant: every chunk begins where the one before it ends.
 *
 * <p><i>confined to the partition loop</i>
 */
public final class LogTail {
    private static final int FIRST_CAPACITY = 8;
    private static final @Nullable Chunk[] NO_CHUNKS = {};

    private final TailCache cache;
    private @Nullable Chunk[] ring = NO_CHUNKS; // of thousands of logs few have any
    private int head;
    private int count;
    /** Places in the cache's order of additions whose chunk was removed otherwise; they are used up before a chunk goes. */
    private int spentAdditions;

    LogTail(TailCache cache) {
        this.cache = cache;
    }

    /** Retains and keeps {@code chunk}; one that does not follow the newest replaces all. */
    public void add(Chunk chunk) {
        if (count > 0 && at(count - 1).endOffset() != chunk.baseOffset()) {
            clear();
        }
        if (count == ring.length) {
            grow();
        }
        ring[index(count)] = chunk.retain();
        count++;
        cache.added(this, chunk.sizeBytes());
    }

    /** The chunk that holds {@code offset}, or null. Borrowed: retain it to keep it beyond this turn of the loop. */
    public @Nullable Chunk find(long offset) {
        if (count == 0 || offset < at(0).baseOffset() || offset >= at(count - 1).endOffset()) {
            return null;
        }
        int low = 0;
        int high = count - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (at(middle).baseOffset() <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return at(low);
    }

    /** The first offset in the tail; {@code logEndOffset} if it is empty. */
    public long startOffset(long logEndOffset) {
        return count == 0 ? logEndOffset : at(0).baseOffset();
    }

    public int size() {
        return count;
    }

    /** Removes every chunk that reaches above {@code endOffset}. */
    public void truncateTo(long endOffset) {
        while (count > 0 && at(count - 1).endOffset() > endOffset) {
            count--;
            spentAdditions++;
            drop(index(count));
        }
    }

    public void clear() {
        truncateTo(Long.MIN_VALUE);
    }

    void evictOldest() {
        if (spentAdditions > 0) {
            spentAdditions--;
            return;
        }
        int oldest = head;
        head = (head + 1) % ring.length;
        count--;
        drop(oldest);
    }

    private void drop(int slot) {
        Chunk chunk = chunkIn(slot);
        ring[slot] = null;
        cache.removed(chunk.sizeBytes());
        chunk.release();
    }

    private Chunk at(int position) {
        return chunkIn(index(position));
    }

    private Chunk chunkIn(int slot) {
        Chunk chunk = ring[slot];
        if (chunk == null) {
            throw new IllegalStateException("no chunk in slot " + slot + " of " + count);
        }
        return chunk;
    }

    private int index(int position) {
        return (head + position) % ring.length;
    }

    private void grow() {
        @Nullable Chunk[] larger = new Chunk[Math.max(FIRST_CAPACITY, ring.length * 2)];
        for (int i = 0; i < count; i++) {
            larger[i] = at(i);
        }
        ring = larger;
        head = 0;
    }
}
