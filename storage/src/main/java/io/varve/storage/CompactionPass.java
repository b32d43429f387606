// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

/**
 * One pass of compaction over one log, done in steps so that whoever runs it can wait in between: it notes the last offset of every key in what was not
 * compacted yet, as far as its map of keys reaches, then writes the segments from the log's start up to there anew without the records that a later one
 * of their key replaces. Offsets stay: what goes leaves an empty batch, or a batch with fewer records than offsets (I9).
 *
 * <p>A segment is replaced by an atomic rename in turn with the log's writes; a crash at any point leaves the old one or the new one. Readers at work
 * are not disturbed. Whatever overtakes a pass (truncation, reset, failure of the log) ends it; the next one begins again.
 *
 * <p><i>confined to one thread at a time</i>, any but a loop: steps block on files
 */
public interface CompactionPass extends AutoCloseable {
    /**
     * Works until about {@code maxBytes} were read and written.
     *
     * @param nowMillis the wall clock now
     * @return the bytes read and written; 0 also while a replacement waits for the log's writes, so ask again a little later
     */
    long step(long maxBytes, long nowMillis) throws StorageException;

    boolean isDone();

    /** What came of it so far. */
    CompactionReport report();

    /** Ends the pass, finished or not. What was replaced stays so. Idempotent. */
    @Override
    void close();
}
