// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.Damage;
import io.varve.storage.LogId;
import io.varve.storage.LogListener;
import io.varve.storage.LogSettings;
import io.varve.storage.StorageException;
import io.varve.storage.StorageException.Kind;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What the sides of one log share. Every field is volatile and written by one side at a time: {@code stagedEndOffset} and {@code chain} by the loop
 * (by the I/O task while the loop waits for a truncation or a reopening), the rest by the I/O task.
 *
 * <p>Invariant (I10): logStartOffset <= segmentFlushedEndOffset <= flushedEndOffset <= writtenEndOffset <= stagedEndOffset.
 */
final class LogState {
    static final long NO_RESET = -1;

    final LogId id;
    final Path directory;
    final LogHome home;
    volatile LogSettings settings;
    volatile LogListener listener = LogListener.NONE;
    volatile Segments segments = Segments.NONE;
    volatile EpochChain chain = EpochChain.EMPTY;
    volatile long logStartOffset;
    /** What the log's own files have on disk. */
    volatile long segmentFlushedEndOffset;
    /** What is on disk, be it in the directory's journal. */
    volatile long flushedEndOffset;

    /** What the checkpoint file is known to say of the start; never above it, but while the log is reset. */
    volatile long durableStartOffset;

    volatile long writtenEndOffset;
    volatile long stagedEndOffset;
    volatile long highWatermark;
    /** No recovery point above this is checkpointed while a truncation is under way, also after it failed. */
    volatile long recoveryPointLimit = Long.MAX_VALUE;

    /** Where the log begins anew, from before its files go until it is empty there; negative at all other times. */
    volatile long resetOffset = NO_RESET;

    /** What the checkpoint file goes on saying of a log whose damage was found while it was open; set before {@link #damage}. */
    volatile @Nullable Checkpoint checkpointBeforeDamage;

    volatile @Nullable Damage damage;
    /** What a read or the scrub found last while the log was in service; a mark names its place. */
    volatile @Nullable Damage foundDamage;

    /** Where readers take what makes no sense to them; set once, before anybody reads. */
    volatile @Nullable Suspicions suspicions;

    volatile @Nullable StorageException failure;
    volatile boolean closed;
    /** Odd while files are shortened; a reader that saw wrong bytes and another number looks again. */
    volatile int truncations;

    /** How far the log was compacted. */
    final CompactionFile compaction;
    /** Whether a pass is under way. */
    final AtomicBoolean compacting = new AtomicBoolean();

    LogState(LogId id, LogHome home, LogSettings settings) {
        this.id = id;
        this.home = home;
        this.settings = settings;
        directory = home.logsDirectory().resolve(id.toString());
        compaction = new CompactionFile(this);
    }

    void recovered(LogRecovery.Recovered recovered) {
        segments = recovered.segments();
        chain = recovered.chain();
        logStartOffset = recovered.logStartOffset();
        segmentFlushedEndOffset = recovered.endOffset();
        durableStartOffset = logStartOffset;
        flushedEndOffset = recovered.endOffset();
        writtenEndOffset = recovered.endOffset();
        stagedEndOffset = recovered.endOffset();
        highWatermark = recovered.highWatermark();
        damage = recovered.damage();
    }

    /** What the checkpoint file may say: see {@link Checkpoint}. */
    Checkpoint checkpoint() {
        long reset = resetOffset;
        if (reset >= 0) {
            return Checkpoint.ofReset(reset);
        }
        long recoveryPoint = Math.min(segmentFlushedEndOffset, recoveryPointLimit);
        return new Checkpoint(Math.min(highWatermark, recoveryPoint), recoveryPoint, logStartOffset);
    }

    StorageException damaged(Damage found) {
        return new StorageException(
                Kind.DAMAGED, "log " + id + ": damaged at offset " + found.offset() + ": " + found.detail());
    }
}
