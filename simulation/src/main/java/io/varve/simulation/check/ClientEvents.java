// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.storage.LogId;
import java.util.List;

/** What simulated clients tell the checks: the history as the users saw it. */
public interface ClientEvents {
    /** A batch goes on the wire, for the first time or again. */
    void sent(LogId id, long batchId, Sending sending);

    /** The producer was told that it is stored; an offset of -1 is one that nobody knows. */
    void acked(LogId id, long batchId, Sending sending, long baseOffset);

    /**
     * The producer was told that it failed.
     *
     * @param definite that it never becomes visible; else it may be
     */
    void failed(int producer, String topic, int partition, long firstValue, int count, boolean definite);

    /** A consumer was given these batches. */
    void read(int consumer, LogId id, List<BatchSeen> batches);

    /** A consumer was told the latest offset, by a leader of this epoch, after everything that it was told before. */
    void latestSeen(int consumer, LogId id, int leaderEpoch, long offset);

    /** A consumer was told that what it read up to {@code position} is not there any more: the log departs at an offset below. */
    void diverged(int consumer, LogId id, long position, long endOffset);

    /** Something that must not happen happened at a client. */
    void broken(String invariant, LogId id, String text);
}
