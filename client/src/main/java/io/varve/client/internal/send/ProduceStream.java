// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.send;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.varve.client.ErrorDetails;
import io.varve.client.internal.Connections;
import io.varve.client.internal.Errors;
import io.varve.client.internal.NodeAddress;
import io.varve.client.internal.producer.Flight;
import io.varve.proto.v1.Acks;
import io.varve.proto.v1.BatchResult;
import io.varve.proto.v1.ProduceResponse;
import io.varve.transport.BulkMethods;
import io.varve.transport.ProduceBatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One Produce stream to a node. What the node says is handed to the sender thread. <i>Confined to the sender
 * thread</i>, except for the listener's methods, which only post.
 */
final class ProduceStream extends ClientCall.Listener<ProduceResponse> {
    /** The sender's side of a stream; called on event loops. */
    interface Events {
        void ready(ProduceStream stream);

        void answered(ProduceStream stream, ProduceResponse response);

        void ended(ProduceStream stream, ErrorDetails error);
    }

    final int node;
    private final NodeAddress address;
    private final Acks acks;
    private final int timeoutMs;
    private final Events events;
    private final Map<Long, Flight> flights = new HashMap<>();
    private @Nullable ClientCall<ProduceBatch, ProduceResponse> call;
    private long lastNumber;

    ProduceStream(int node, NodeAddress address, Acks acks, int timeoutMs, Events events) {
        this.node = node;
        this.address = address;
        this.acks = acks;
        this.timeoutMs = timeoutMs;
        this.events = events;
    }

    void open(Connections connections) {
        ClientCall<ProduceBatch, ProduceResponse> started = connections.start(
                address,
                BulkMethods.produce(UnpooledByteBufAllocator.DEFAULT, Connections.MAX_BATCH_BYTES),
                BulkMethods.callOptions(),
                this);
        call = started;
        // Answers are small, and at most one per batch under way.
        started.request(Integer.MAX_VALUE);
    }

    /** Returns whether the stream takes more. The bytes stay the caller's. */
    boolean send(Flight flight, ByteBuf bytes) {
        ClientCall<ProduceBatch, ProduceResponse> open = call;
        if (open == null) {
            throw new IllegalStateException("a batch for node " + node + " before its stream is open");
        }
        long number = ++lastNumber;
        if (acks != Acks.ACKS_NONE) {
            flights.put(number, flight);
        }
        open.sendMessage(new ProduceBatch(
                number, flight.topicId(), flight.partition(), flight.leaderEpoch(), acks, timeoutMs, bytes));
        return open.isReady();
    }

    /** The attempt that a result is about, once. */
    @Nullable
    Flight landed(BatchResult result) {
        return flights.remove(result.getNumber());
    }

    /** All attempts without a result. */
    List<Flight> lost() {
        List<Flight> all = new ArrayList<>(flights.values());
        flights.clear();
        return all;
    }

    /** Nothing more will be sent; the node ends the stream when it has read what was. */
    void finish() {
        ClientCall<ProduceBatch, ProduceResponse> open = call;
        if (open != null) {
            open.halfClose();
        }
    }

    void cancel(String why) {
        ClientCall<ProduceBatch, ProduceResponse> open = call;
        if (open != null) {
            open.cancel(why, null);
        }
    }

    @Override
    public void onReady() {
        events.ready(this);
    }

    @Override
    public void onMessage(ProduceResponse message) {
        events.answered(this, message);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        String what = "Produce at " + address;
        events.ended(
                this,
                status.isOk()
                        ? Errors.network(what + " was ended by the node", io.varve.client.Outcome.INDETERMINATE)
                        : Errors.of(status.asRuntimeException(trailers), what));
    }
}
