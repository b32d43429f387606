// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.storage.Chunk;

/** The log as the leader sees it. Nothing here blocks. Called on the partition's loop only. */
public interface LeaderLog {
    long logStartOffset();

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
}
