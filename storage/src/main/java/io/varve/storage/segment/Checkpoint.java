// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

/**
 * What the checkpoint file says of one log. Invariant: logStart <= highWatermark <= recoveryPoint: only flushed records count, so that a log that ends
 * below either has lost something that was durable, and not just the tail that a power loss may take.
 *
 * <p><i>immutable</i>
 */
public record Checkpoint(long highWatermark, long recoveryPoint, long logStartOffset) {
    /** Of a log that no checkpoint has seen. */
    public static final Checkpoint NONE = new Checkpoint(0, 0, 0);
}
