// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.follower;

import io.varve.storage.Chunk;
import io.varve.storage.EpochEntry;
import java.util.List;

/** The log as a follower sees it. Nothing here blocks. *Confined to the loop.* */
public interface FollowerLog {
    long logStartOffset();

    /** Where the next batch must begin. */
    long stagedEndOffset();

    long writtenEndOffset();

    long flushedEndOffset();

    /** Bytes staged and not yet written. */
    long stagedBytes();

    /** The epochs, oldest first, as of {@link #stagedEndOffset()}. */
    List<EpochEntry> epochChain();

    /** Takes over one reference of a verified chunk; false if the log has failed, then nothing of it is kept. The producers' state follows (P41). */
    boolean accept(Chunk chunk, long nowMillis);
}
