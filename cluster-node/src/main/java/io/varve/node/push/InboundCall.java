// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.varve.proto.internal.v1.ExchangeResponse;
import io.varve.replication.link.PeerFrame;
import io.varve.transport.ExchangeFrame;

/**
 * One stream that another node has dialled. What it brings is read and checked on its own network loop, and then given
 * to the inbox's. <i>Confined</i> to the one or the other, as each method says.
 */
final class InboundCall extends ServerCall.Listener<ExchangeFrame> {

    final long id;
    private final ServerCall<ExchangeFrame, ExchangeResponse> call;
    private final InboxShell inbox;
    private boolean over; // on the inbox's loop

    InboundCall(long id, ServerCall<ExchangeFrame, ExchangeResponse> call, InboxShell inbox) {
        this.id = id;
        this.call = call;
        this.inbox = inbox;
    }

    // ---- on its own loop

    @Override
    public void onMessage(ExchangeFrame message) {
        PeerFrame frame;
        try {
            frame = RequestFrames.decode(message);
        } catch (FrameDamage e) {
            // P11, P12: of what is damaged nobody knows whom to refuse it to; the link and all its sessions begin anew.
            throw Status.DATA_LOSS.withDescription(e.getMessage()).asRuntimeException();
        }
        inbox.arrived(this, frame);
    }

    @Override
    public void onHalfClose() {
        inbox.gone(this);
    }

    @Override
    public void onCancel() {
        inbox.gone(this);
    }

    // ---- on the inbox's loop

    /** The frame that came was taken. */
    void taken() {
        if (!over) {
            call.request(1);
        }
    }

    void write(PeerFrame frame) {
        if (!over && !call.isCancelled()) {
            call.sendMessage(ResponseFrames.encode(frame));
        }
    }

    void end(Status status) {
        if (!over) {
            over = true;
            call.close(status, new Metadata());
        }
    }

    boolean isOver() {
        return over;
    }
}
