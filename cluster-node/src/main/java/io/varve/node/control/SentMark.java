// SPDX-License-Identifier: Apache-2.0
package io.varve.node.control;

import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/** Whether anything of a call reached a connection: if not, the other end certainly has not got it. <i>Thread-safe.</i> */
final class SentMark extends ClientStreamTracer.Factory {

    private volatile boolean sent; // volatile: written by an event loop, read by whoever hears of the failure

    boolean sent() {
        return sent;
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
        return new ClientStreamTracer() {
            @Override
            public void outboundMessage(int sequence) {
                sent = true;
            }
        };
    }
}
