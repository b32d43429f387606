// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import io.netty.buffer.ByteBuf;
import io.varve.proto.internal.v1.ExchangeRequest;
import java.util.List;

/**
 * One `ExchangeRequest`, its batches outside the heap of protobuf objects. Whoever holds a received frame owns one
 * reference to each batch; one that is sent only borrows them (see the package's rules).
 *
 * <p>*Immutable*, but for the buffers' own state.
 *
 * @param head everything but sizes and payload, which are the batches'
 * @param batches one after another in the payload, each from reader to writer index
 */
public record ExchangeFrame(ExchangeRequest head, List<ByteBuf> batches) {
    /** Gives up the references that came with a received frame. */
    public void release() {
        batches.forEach(ByteBuf::release);
    }
}
