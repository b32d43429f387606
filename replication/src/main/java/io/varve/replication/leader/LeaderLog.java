// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.storage.Chunk;
import io.varve.storage.EpochEntry;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The log as the leader sees it. Nothing here blocks. Called on the partition's loop only. */
public interface LeaderLog {
    long logStartOffset();

    /** Tombstones below it may be missing: whoever lacks part of the log below it may have missed what they deleted. */
    long tombstoneHorizon();

    /** Where the next batch must begin. */
    long stagedEndOffset();

    long writtenEndOffset();

    long flushedEndOffset();

    /** Bytes staged and not yet written. */
    long stagedBytes();

    /** Begins a leader epoch; durable before any batch of it counts as written. */
    void assignEpoch(int leaderEpoch, long startOffset);

    /** Takes over one reference of a chunk with its place assigned; false if the log has failed, then nothing of it is kept. */
    boolean stage(Chunk chunk);

    /** The epochs of everything up to {@link #stagedEndOffset()}, oldest first. */
    List<EpochEntry> epochChain();

    /** The chunk in memory that holds {@code offset}, borrowed; null if it is only on disk, or nowhere. */
    @Nullable
    Chunk tail(long offset);

    /**
     * Reads whole written batches from the one that holds {@code offset} on, at least one if there is any, from the disk; the answer comes as a later
     * event.
     */
    void read(long offset, int maxBytes, ReadCompletion completion);

    /**
     * Asks for what another log needs that begins at {@code offset}, or at this log's start if that is above it: where the batch begins that holds it, and
     * the producers as of there (P41). The answer comes as a later event.
     */
    void startingPoint(long offset, StartCompletion completion);

    /** Called once, on the loop, as an event of its own. */
    interface StartCompletion {
        /** @param producers by {@link ProducerStates#encode}, read-only */
        void found(long offset, ByteBuffer producers);

        /** @param damaged whether the bytes are there and wrong (P34) */
        void failed(String detail, boolean damaged);
    }

    /** Called once, on the loop, as an event of its own. */
    interface ReadCompletion {
        /** The chunks are the receiver's to release; none if nothing is written at that offset yet. */
        void read(List<Chunk> chunks);

        /** @param damaged whether the bytes are there and wrong (P34) */
        void failed(String detail, boolean damaged);
    }
}
