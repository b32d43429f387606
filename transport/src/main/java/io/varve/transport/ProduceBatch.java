// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import io.netty.buffer.ByteBuf;
import io.varve.proto.v1.Acks;
import java.util.UUID;

/**
 * One `ProduceRequest`, its payload outside the heap of protobuf objects. Whoever holds the message owns one reference
 * to {@code batch} (see the package's rules). The fields are as received: nothing is checked but the length of the id.
 *
 * <p>*Immutable*, but for the buffer's own state.
 *
 * @param topicId all zeros when absent
 * @param acks {@code UNRECOGNIZED} for a number that this build does not know
 * @param timeoutMs in milliseconds, 0 for the server's default
 * @param batch one RecordBatch, from reader to writer index; empty when absent
 */
public record ProduceBatch(
        long number, UUID topicId, int partition, int leaderEpoch, Acks acks, int timeoutMs, ByteBuf batch) {
    /** Gives up the reference that came with the message. */
    public void release() {
        batch.release();
    }
}
