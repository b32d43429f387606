// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.storage.Chunk;

/**
 * One batch to be appended. *Immutable*, but for the chunk that it carries.
 *
 * @param chunk a batch that passed {@code BatchCheck.checkProduced}; whoever takes the append takes over one reference, and gives it back if it
 *     refuses
 * @param leaderEpoch that the producer believes in, or {@link #ANY_EPOCH}
 * @param deadlineNanos on the clock of {@link System#nanoTime()}; before it an append may be refused as late, after it the answer is INDETERMINATE
 */
public record Append(Chunk chunk, Acks acks, int leaderEpoch, long deadlineNanos, AppendCompletion completion) {
    /** Epochs begin at 1. */
    public static final int ANY_EPOCH = 0;

    /** Refuses: gives the chunk back and answers that nothing was applied. */
    public void reject(RejectReason reason, String message) {
        chunk.release();
        completion.onResult(new AppendResult.Rejected(reason, message));
    }
}
