// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

/**
 * What the checkpoint file says of one log. Invariant: highWatermark <= recoveryPoint: only flushed records count, so that a log that ends
 * below either has lost something that was durable, and not just the tail that a power loss may take.
 * The recovery point is the edge of a batch; it lies below the log's start only while a truncation to that start is under way.
 *
 * <p>A negative recovery point says that the log begins anew at its start and that its files, as far as they are still there, are not its any more:
 * whoever finds it removes them, and has an empty log that has lost nothing.
 *
 * <p><i>immutable</i>
 */
public record Checkpoint(long highWatermark, long recoveryPoint, long logStartOffset) {
    /** Of a log that no checkpoint has seen. */
    public static final Checkpoint NONE = new Checkpoint(0, 0, 0);

    private static final long NOTHING_IS_LEFT = -1;

    static Checkpoint ofReset(long toOffset) {
        return new Checkpoint(toOffset, NOTHING_IS_LEFT, toOffset);
    }

    boolean isReset() {
        return recoveryPoint < 0;
    }
}
