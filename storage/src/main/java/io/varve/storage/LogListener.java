// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

/**
 * Hears what became of the staged chunks of one log. Called on an I/O thread, one call at a time per log, in order; an implementation posts to
 * its partition loop and returns: it must neither block nor throw.
 */
public interface LogListener {
    /** Hears nothing. */
    LogListener NONE = new LogListener() {
        @Override
        public void onProgress(long writtenEndOffset, long flushedEndOffset) {}

        @Override
        public void onFailure(StorageException cause, long writtenEndOffset, long flushedEndOffset) {}
    };

    /**
     * Everything below {@code writtenEndOffset} was handed to the kernel, everything below {@code flushedEndOffset} is on disk. Neither ever falls
     * but by a truncation. Invariant: flushedEndOffset <= writtenEndOffset.
     */
    void onProgress(long writtenEndOffset, long flushedEndOffset);

    /**
     * The log has failed: what was staged beyond {@code writtenEndOffset} is dropped (its bytes may be on disk in part, and a restart may find whole
     * batches of it), and the log refuses {@link PartitionLog#stage} until {@link PartitionLog#reopen()}. A leader resigns. Both
     * offsets are certain. Called once per failure; no progress follows before a reopen.
     */
    void onFailure(StorageException cause, long writtenEndOffset, long flushedEndOffset);

    /**
     * A read or the scrub found bytes wrong that were once durable (P34), and they are so. The log goes on; whoever can do without it calls
     * {@link PartitionLog#markDamaged}. May come again for the same place.
     */
    default void onDamageFound(Damage damage) {}

    /** A new segment begins at {@code baseOffset}: a good moment for a producer snapshot (P41), written from another thread. */
    default void onRoll(long baseOffset) {}
}
