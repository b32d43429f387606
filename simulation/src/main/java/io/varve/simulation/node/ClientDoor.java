// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.simulation.client.ClientRequest;
import io.varve.simulation.client.NodeFront;
import io.varve.simulation.engine.NetStream;
import io.varve.simulation.engine.StreamHandler;

/** The connections of clients to a node. */
final class ClientDoor {
    /** What a client says when it dials. */
    static final String HELLO = "client";

    StreamHandler accept(NetStream stream, NodeLoop loop, NodeFront front) {
        return new StreamHandler() {
            @Override
            public void onMessage(Object payload) {
                WireTransfer.Numbered request = (WireTransfer.Numbered) payload;
                loop.run(() -> front.handle(
                        (ClientRequest) request.body(),
                        answer -> stream.send(new WireTransfer.Numbered(request.number(), answer))));
            }

            @Override
            public void onClosed(Closed why) {}
        };
    }
}
