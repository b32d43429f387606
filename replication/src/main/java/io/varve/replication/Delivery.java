// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.netty.buffer.ByteBuf;

/**
 * Something for a reader: whole committed batches as stored, or none when only the numbers are news.
 *
 * @param batches owned by the receiver, who releases it; empty for numbers only
 * @param nextOffset where the reader is after these batches
 * @param leaderEpoch of the leader that answers
 */
public record Delivery(ByteBuf batches, long nextOffset, long highWatermark, long logStartOffset, int leaderEpoch) {
    public int sizeBytes() {
        return batches.readableBytes();
    }
}
