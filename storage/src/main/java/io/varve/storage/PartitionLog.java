// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The log of one partition on this node's disk.
 *
 * <p>Three sides, three threading rules. <b>Loop side</b>: {@link #stage}, {@link #assignEpoch} and the staged positions belong to the one loop that
 * owns the partition, and never block. <b>Cold side</b>: reads block on files; any thread but a loop may call them, also while the log is written,
 * rolled, shortened or cleaned. <b>Changes</b> return a future: they run on the I/O pool in turn with the log's writes, in the order of their calls,
 * and complete there; a failed one completes with a {@link StorageException}.
 *
 * <p>Invariants (checked): logStartOffset <= flushedEndOffset <= writtenEndOffset <= stagedEndOffset; offsets are dense (I9).
 *
 * <p><i>thread-safe</i> but for the loop side
 */
public interface PartitionLog {
    LogId id();

    LogSettings settings();

    /** Takes over new settings for what is written from now on. The durability must stay what it was. */
    void configure(LogSettings settings);

    /** Sets who hears of progress; what happened before is not repeated, so read the positions after this. */
    void attach(LogListener listener);

    // ---- loop side

    /**
     * Hands over one batch to be written, consuming one reference of {@code chunk} whatever happens. Its base offset must be {@link #stagedEndOffset()}
     * and its leader epoch the current one or a higher one (which is then assigned from its base offset on); everything else is a broken invariant
     * and throws {@link IllegalStateException}. The bytes are read until progress covers them and must not change from now on.
     *
     * @return false if the log has failed, is damaged or closed: the chunk was released and nothing will happen to it
     */
    boolean stage(Chunk chunk);

    /**
     * Begins a leader epoch at {@code startOffset}, which must be {@link #stagedEndOffset()}. The entry is durable before any batch of the epoch is
     * written. Epochs only grow (I8); the current epoch again is ignored.
     */
    void assignEpoch(int leaderEpoch, long startOffset);

    /** Where the next staged chunk must begin. */
    long stagedEndOffset();

    /** Bytes staged and not yet written, and flushed if the log is {@code flushed}: what back-pressure looks at. Any thread may ask. */
    long stagedBytes();

    // ---- positions, any thread, never blocking

    /**
     * Above this offset no record that deletes a key was removed by compaction, here or where this log was copied from. Whoever has less than this of
     * the log may have missed a deletion for good, and begins anew rather than go on.
     */
    long tombstoneHorizon();

    /** The first offset that is served. */
    long logStartOffset();

    long writtenEndOffset();

    long flushedEndOffset();

    /** Bytes of all segments. */
    long sizeBytes();

    /**
     * The chain of leader epochs as of {@link #stagedEndOffset}, oldest first; epochs without a record are left out but for the last. An immutable list,
     * and no copy: it may be asked for with every append.
     */
    List<EpochEntry> epochChain();

    /** The epoch of the record at {@code offset}, or the last one for offsets from the end on; 0 below the chain's first link. */
    int epochAt(long offset);

    /** The newest epoch of the chain, 0 if it has none. */
    int lastEpoch();

    /**
     * Set when recovery found wrong bytes that it must not cut (P34), or {@link #markDamaged} was called, also before a restart: the log takes no
     * appends and every read is refused as DAMAGED.
     */
    Optional<Damage> damage();

    /** Why the log refuses {@link #stage} at the moment; cleared by {@link #reopen()}. */
    Optional<StorageException> failure();

    /** The high watermark that the next {@link DataDirectory#checkpoint()} writes; only ever lowered by truncation. */
    void checkpointHighWatermark(long highWatermark);

    /** The last value given, or the one found on disk when the log was opened (the log's start if there was none). */
    long highWatermarkCheckpoint();

    // ---- cold side

    /**
     * Whole batches from the one that holds {@code offset}, as many as fit into {@code maxBytes} and end at or below {@code endOffsetExclusive}; the
     * first one even when it is larger. Every batch's CRC, density and epoch are checked. The first batch may begin below {@code offset}.
     *
     * @return a new buffer of the allocator, owned by the caller; empty if {@code offset} is at {@code endOffsetExclusive} or beyond
     * @throws StorageException OUT_OF_RANGE below {@link #logStartOffset()} or above {@link #writtenEndOffset()}; DAMAGED; IO; CLOSED
     */
    ByteBuf read(long offset, int maxBytes, long endOffsetExclusive, ByteBufAllocator allocator)
            throws StorageException;

    /**
     * The first record below {@code endOffset}, and not below the log's start, whose timestamp is {@code timestampMillis} or later; timestamps need not
     * be in order.
     */
    Optional<TimestampOffset> offsetForTimestamp(long timestampMillis, long endOffset) throws StorageException;

    /** Shows the header of every written batch that ends above {@code fromOffset}, in order: what the producer state is rebuilt from (P41). */
    void replayBatches(long fromOffset, BatchVisitor visitor) throws StorageException;

    /** The same of those batches only that end at or below {@code endOffset}. */
    void replayBatches(long fromOffset, long endOffset, BatchVisitor visitor) throws StorageException;

    /**
     * How far a scrub came.
     *
     * @param nextOffset where it goes on
     * @param bytes that were read of batches
     * @param repaired indexes that were damaged and are built anew
     * @param finished whether everything that is sealed was looked at
     */
    record Scrubbed(long nextOffset, long bytes, int repaired, boolean finished) {}

    /**
     * Checks about {@code maxBytes} of what is sealed, from {@code fromOffset} on (0 at first): batches, and what can be built from them, which is built anew
     * if it is damaged. Wrong batches are DAMAGED as in {@link #read}, and the listener hears of them.
     */
    Scrubbed scrub(long fromOffset, int maxBytes) throws StorageException;

    /** The newest intact snapshot at or below the log's end. */
    default Optional<ProducerSnapshot> latestProducerSnapshot() throws StorageException {
        return producerSnapshot(Long.MAX_VALUE);
    }

    /** The newest intact snapshot at or below {@code endOffset} and the log's end. */
    Optional<ProducerSnapshot> producerSnapshot(long endOffset) throws StorageException;

    /**
     * Durably keeps the producer state as of {@code endOffset}, and forgets the ones no longer needed: what stays is the newest at or below the log's start,
     * from which a replica can begin anew, the newest that no truncation can take, and everything above.
     */
    void writeProducerSnapshot(long endOffset, ByteBuffer state) throws StorageException;

    /**
     * Where retention wants the log to begin, at most at {@code highWatermark} (P37, I25) and never before {@link #logStartOffset()}. By age: after the last
     * batch of those at the beginning whose newest record is older than {@link LogSettings#retentionMillis}, in whatever segment; batches without a
     * timestamp go with the next ones that have one. By size: whole segments, not the last one.
     *
     * @param nowMillis by a clock that may be trusted not to jump ahead, see {@link RetentionClock}
     */
    long retentionStart(long nowMillis, long highWatermark) throws StorageException;

    /**
     * Begins a pass of compaction if one is due, and none is under way: see {@link LogSettings#compaction}. Below the high watermark and in sealed
     * segments only. Close it.
     */
    Optional<CompactionPass> compaction(CompactionRequest request);

    // ---- changes, in turn with writes

    /** fdatasync of everything written so far, for logs of durability {@code written}; cheap when there is nothing to do. */
    CompletableFuture<Void> flush();

    /** Begins a new segment, unless the current one is empty. */
    CompletableFuture<Void> roll();

    /**
     * Removes everything from {@code offset} on, from the whole batch that holds it if it is inside one (P10): batches, index entries, epochs, newer
     * producer snapshots; high watermark and recovery point fall with it, durably first. Nothing may be staged. Completes with the new end.
     */
    CompletableFuture<Long> truncateTo(long offset);

    /**
     * Drops everything and begins anew at {@code offset}, which may be any (P8): start, end and high watermark are there, epochs and producer snapshots are
     * gone. Nothing may be staged. Completes with {@code offset}. A crash on the way leaves the old log with a high watermark of its start, an empty log
     * at the old start, or the new one.
     */
    CompletableFuture<Long> resetTo(long offset);

    /**
     * Moves the log's start to min(offset, highWatermark), durably and never back (P37), and deletes segments that lie below it. Completes with the
     * start, which may lie inside of a batch.
     */
    CompletableFuture<Long> advanceLogStart(long offset, long highWatermark);

    /** The same, but durable only with the next checkpoint, or when a segment goes: for whoever would find the same start again. */
    CompletableFuture<Long> expireBelow(long offset, long highWatermark);

    /**
     * What is due from time to time: rolls the last segment if its first record was seen at least {@link LogSettings#segmentAge} ago, and closes files
     * that nobody has read since the last call.
     *
     * @param monotonicNanos of a clock that never jumps, of any origin
     */
    CompletableFuture<Void> tidy(long monotonicNanos);

    /**
     * Takes the log out of service because it is damaged (P34), durably: the next start knows it, too. Nothing is cut. What is staged is dropped without
     * a word. Completes when the mark is durable; if that fails, the log is out of service all the same.
     */
    CompletableFuture<Void> markDamaged(String detail);

    /**
     * Recovers a failed log in place, keeping at least everything that was reported as written. Completes with the log's end, from which staging goes
     * on. Refused (IO) after a failed flush: only opening the directory anew proves what the disk holds (P36).
     */
    CompletableFuture<Long> reopen();
}
