// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import io.netty.buffer.ByteBuf;
import io.varve.proto.v1.Error;
import org.jspecify.annotations.Nullable;

/**
 * One `SubscribeResponse`, its payload outside the heap of protobuf objects. Whoever holds the message owns one
 * reference to {@code batches} (see the package's rules).
 *
 * <p>*Immutable*, but for the buffer's own state.
 *
 * @param error set when the subscription ended
 * @param highWatermark exclusive
 * @param lastStableOffset exclusive
 * @param throttleMs in milliseconds
 * @param batches whole RecordBatches, from reader to writer index; empty when only the numbers changed
 */
public record SubscribeBatches(
        int subscription,
        @Nullable Error error,
        long highWatermark,
        long lastStableOffset,
        long logStartOffset,
        int leaderEpoch,
        int throttleMs,
        ByteBuf batches) {
    /** Gives up the reference that came with the message. */
    public void release() {
        batches.release();
    }
}
