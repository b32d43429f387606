// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The newest chunks of the logs of one loop, kept for tailing readers under one byte budget: the chunk that was added longest ago goes first, whose
 * log it is. A node with several loops gives each its share.
 *
 * <p><i>confined to the partition loop</i>
 */
public final class TailCache implements AutoCloseable {
    private final long budgetBytes;
    private final ArrayDeque<LogTail> additions = new ArrayDeque<>();
    private long sizeBytes;

    public TailCache(long budgetBytes) {
        if (budgetBytes < 0) {
            throw new IllegalArgumentException("budgetBytes " + budgetBytes + " is negative");
        }
        this.budgetBytes = budgetBytes;
    }

    /** The tail of one more log, empty. */
    public LogTail newTail() {
        return new LogTail(this);
    }

    /** Invariant: sizeBytes <= budgetBytes after every call. */
    public long sizeBytes() {
        return sizeBytes;
    }

    public long budgetBytes() {
        return budgetBytes;
    }

    /** Releases every chunk of every log. */
    @Override
    public void close() {
        evictTo(0);
    }

    void added(LogTail tail, long bytes) {
        additions.add(tail);
        sizeBytes += bytes;
        evictTo(budgetBytes);
    }

    void removed(long bytes) {
        sizeBytes -= bytes;
    }

    private void evictTo(long limitBytes) {
        while (sizeBytes > limitBytes) {
            @Nullable LogTail oldest = additions.poll();
            if (oldest == null) {
                throw new IllegalStateException("tail cache counts " + sizeBytes + " bytes without a chunk");
            }
            oldest.evictOldest();
        }
    }
}
