// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.consume;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.varve.client.ErrorDetails;
import io.varve.client.Outcome;
import io.varve.client.internal.Connections;
import io.varve.client.internal.Errors;
import io.varve.client.internal.NodeAddress;
import io.varve.proto.v1.AddCredit;
import io.varve.proto.v1.AddPartition;
import io.varve.proto.v1.RemovePartition;
import io.varve.proto.v1.SubscribeRequest;
import io.varve.transport.BulkMethods;
import io.varve.transport.SubscribeBatches;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One Subscribe stream to a node. <i>Confined to the consumer's thread</i>, except for the listener's methods, which
 * only post.
 */
final class SubscribeStream extends ClientCall.Listener<SubscribeBatches> {
    private static final MethodDescriptor<SubscribeRequest, SubscribeBatches> METHOD =
            BulkMethods.subscribe(new UnpooledByteBufAllocator(false, true), Connections.MAX_BATCH_BYTES);

    /** The consumer's side; called on event loops. */
    interface Events {
        /** Takes over the message's reference. */
        void arrived(SubscribeStream stream, SubscribeBatches batches);

        void ended(SubscribeStream stream, ErrorDetails error);
    }

    final int node;
    private final NodeAddress address;
    private final Events events;
    private final Map<Integer, PartitionCursor> subscriptions = new HashMap<>();
    private @Nullable ClientCall<SubscribeRequest, SubscribeBatches> call;
    private long heldUntilNanos = System.nanoTime();

    SubscribeStream(int node, NodeAddress address, Events events) {
        this.node = node;
        this.address = address;
        this.events = events;
    }

    void open(Connections connections) {
        ClientCall<SubscribeRequest, SubscribeBatches> started =
                connections.start(address, METHOD, BulkMethods.callOptions(), this);
        call = started;
        // Credits bound what comes, not the number of messages.
        started.request(Integer.MAX_VALUE);
    }

    void add(PartitionCursor cursor, AddPartition partition) {
        subscriptions.put(partition.getSubscription(), cursor);
        send(SubscribeRequest.newBuilder().setAdd(partition).build());
    }

    void remove(int subscription) {
        if (subscriptions.remove(subscription) != null) {
            send(SubscribeRequest.newBuilder()
                    .setRemove(RemovePartition.newBuilder().setSubscription(subscription))
                    .build());
        }
    }

    void credit(int subscription, long bytes) {
        send(SubscribeRequest.newBuilder()
                .setCredit(AddCredit.newBuilder().setSubscription(subscription).setBytes(bytes))
                .build());
    }

    /** Who a message is for; null for one that was taken away meanwhile. */
    @Nullable
    PartitionCursor cursor(int subscription) {
        return subscriptions.get(subscription);
    }

    /** The node took the subscription away by itself. */
    void forget(int subscription) {
        subscriptions.remove(subscription);
    }

    List<PartitionCursor> cursors() {
        return new ArrayList<>(subscriptions.values());
    }

    /** The node asks not to be asked for more for a while. */
    void hold(long nanos) {
        heldUntilNanos = Math.max(heldUntilNanos, System.nanoTime() + nanos);
    }

    boolean isHeld() {
        return heldUntilNanos - System.nanoTime() > 0;
    }

    long heldUntilNanos() {
        return heldUntilNanos;
    }

    void cancel() {
        ClientCall<SubscribeRequest, SubscribeBatches> open = call;
        if (open != null) {
            open.cancel("the consumer is closed", null);
        }
    }

    private void send(SubscribeRequest request) {
        ClientCall<SubscribeRequest, SubscribeBatches> open = call;
        if (open != null) {
            open.sendMessage(request);
        }
    }

    @Override
    public void onMessage(SubscribeBatches message) {
        events.arrived(this, message);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        String what = "Subscribe at " + address;
        events.ended(
                this,
                status.isOk()
                        ? Errors.network(what + " was ended by the node", Outcome.NOT_APPLIED)
                        : Errors.of(status.asRuntimeException(trailers), what));
    }
}
