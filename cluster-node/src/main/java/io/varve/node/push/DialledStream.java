// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.varve.proto.internal.v1.ExchangeResponse;
import io.varve.replication.link.PeerFrame;
import io.varve.replication.protocol.PeerStream;
import io.varve.transport.BulkMethods;
import io.varve.transport.ExchangeFrame;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at one stream to another node, on a connection of its own that ends with it: what is behind an address may
 * be another machine the next time. <i>Confined to the loop of its link</i>, on which its connection lives, too.
 */
final class DialledStream extends ClientCall.Listener<ExchangeResponse> {

    /** Hears what becomes of it, on the link's loop; never from inside of a call to the stream. */
    interface Events {

        /** It takes bytes. The first time: it is connected. */
        void onReady(DialledStream stream);

        void onFrame(DialledStream stream, PeerFrame frame);

        void onEnded(DialledStream stream, String why);
    }

    final PeerStream kind;
    final long id;
    private final ManagedChannel channel;
    private final LoopTurns turns;
    private final Events events;
    private @Nullable ClientCall<ExchangeFrame, ExchangeResponse> call;
    private boolean over;

    DialledStream(PeerStream kind, long id, ManagedChannel channel, LoopTurns turns, Events events) {
        this.kind = kind;
        this.id = id;
        this.channel = channel;
        this.turns = turns;
        this.events = events;
    }

    void open(MethodDescriptor<ExchangeFrame, ExchangeResponse> method, int framesAhead) {
        ClientCall<ExchangeFrame, ExchangeResponse> made = channel.newCall(method, BulkMethods.callOptions());
        call = made;
        made.start(this, new Metadata());
        made.request(framesAhead);
    }

    boolean isReady() {
        return call != null && !over && call.isReady();
    }

    /** Takes over the frame. */
    void write(PeerFrame frame) {
        try {
            if (call != null && !over) {
                call.sendMessage(RequestFrames.encode(frame));
            }
        } catch (RuntimeException e) {
            turns.post(() -> events.onEnded(this, "sending failed: " + e.getMessage()));
        } finally {
            frame.release();
        }
    }

    /** No event comes after this that anybody listens to. Idempotent. */
    void end() {
        if (!over) {
            over = true;
            if (call != null) {
                call.cancel("the link ended the stream", null);
            }
            channel.shutdownNow();
        }
    }

    @Override
    public void onReady() {
        turns.post(() -> {
            if (!over) {
                events.onReady(this);
            }
        });
    }

    @Override
    public void onMessage(ExchangeResponse message) {
        turns.post(() -> take(message));
    }

    private void take(ExchangeResponse message) {
        if (over || call == null) {
            return;
        }
        try {
            events.onFrame(this, ResponseFrames.decode(message));
            if (!over) {
                call.request(1);
            }
        } catch (FrameDamage e) {
            events.onEnded(this, "what it says is damaged: " + e.getMessage());
        }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        String why = status.getCode() + (status.getDescription() == null ? "" : ": " + status.getDescription());
        turns.post(() -> {
            if (!over) {
                events.onEnded(this, why);
            }
        });
    }
}
