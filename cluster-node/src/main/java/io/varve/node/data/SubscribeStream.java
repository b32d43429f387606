// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.buffer.Unpooled;
import io.varve.node.data.Subscription.Outgoing;
import io.varve.proto.ErrorReasons;
import io.varve.proto.Uuids;
import io.varve.proto.v1.AddCredit;
import io.varve.proto.v1.AddPartition;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Isolation;
import io.varve.proto.v1.SubscribeRequest;
import io.varve.replication.Delivery;
import io.varve.replication.Partition;
import io.varve.replication.ReadRequest;
import io.varve.transport.BulkMethods;
import io.varve.transport.SubscribeBatches;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One consumer's stream. Readers leave deliveries in its mailbox; it sends them while the call is ready, and only then tells a reader that there is
 * room again: what a client that does not read costs is a window per subscription and what gRPC holds, {@link BulkMethods#ON_READY_THRESHOLD_BYTES}.
 *
 * <p>Confined to the stream's event loop.
 */
final class SubscribeStream extends ServerCall.Listener<SubscribeRequest> {
    private static final int REQUESTS_AHEAD = 64;
    private static final int WINDOW_MAX = 1 << 20;
    private static final int WINDOW_MIN = 64 << 10;
    /** Shared by the windows of a stream's subscriptions: the more there are, the smaller each new one's. */
    private static final int STREAM_WINDOW = 8 << 20;

    private final ServerCall<SubscribeRequest, SubscribeBatches> call;
    private final PartitionLookup lookup;
    private final DataLimits limits;
    private final StreamLoop<Outgoing> mailbox;
    private final StallWatch stall;
    private final Map<Integer, Subscription> subscriptions = new HashMap<>();
    private final Runnable onEnd;
    private int owedRequests; // taken from gRPC and not yet asked for again
    private boolean halfClosed;
    private boolean closed;

    SubscribeStream(ServerCall<SubscribeRequest, SubscribeBatches> call, DataPlane plane, EndOfStream onEnd) {
        this.call = call;
        this.lookup = plane.lookup();
        this.limits = plane.limits();
        this.mailbox = new StreamLoop<>(plane.workers(), this::send);
        this.stall = new StallWatch(mailbox, limits.stallTimeout(), this::disconnect);
        this.onEnd = () -> onEnd.ended(this);
    }

    /** Told once when the stream is over. */
    interface EndOfStream {
        void ended(SubscribeStream stream);
    }

    void start() {
        call.setOnReadyThreshold(BulkMethods.ON_READY_THRESHOLD_BYTES);
        call.sendHeaders(new Metadata());
        call.request(REQUESTS_AHEAD);
    }

    @Override
    public void onMessage(SubscribeRequest request) {
        if (closed) {
            return;
        }
        owedRequests++;
        switch (request.getRequestCase()) {
            case ADD -> add(request.getAdd());
            case REMOVE -> remove(request.getRemove().getSubscription());
            case CREDIT -> addCredit(request.getCredit());
            case REQUEST_NOT_SET -> close(invalid("a subscribe request without add, remove or credit"));
        }
        requestMore();
    }

    /** A request may cause an answer, so a client that reads no answers is not read either. */
    private void requestMore() {
        if (!closed && owedRequests > 0 && call.isReady()) {
            call.request(owedRequests);
            owedRequests = 0;
        }
    }

    private void add(AddPartition wanted) {
        int id = wanted.getSubscription();
        if (subscriptions.containsKey(id)) {
            close(invalid("subscription " + id + " exists: every add needs a number of its own"));
            return;
        }
        if (subscriptions.size() >= limits.subscriptionsMax()) {
            endSubscription(
                    id,
                    StatusMapper.refused(
                            ErrorReason.ERROR_REASON_THROTTLING_QUOTA_EXCEEDED,
                            "a stream has at most " + limits.subscriptionsMax() + " subscriptions"));
            return;
        }
        Error problem = problemOf(wanted);
        if (problem != null) {
            endSubscription(id, problem);
            return;
        }
        UUID topicId = Uuids.fromBytes(wanted.getTopicId());
        Partition partition = lookup.find(topicId, wanted.getPartition());
        if (partition == null) {
            endSubscription(id, lookup.whyMissing(topicId, wanted.getPartition()));
            return;
        }
        Subscription subscription = new Subscription(id, topicId, wanted.getPartition(), mailbox);
        subscriptions.put(id, subscription);
        int window = Math.max(WINDOW_MIN, Math.min(WINDOW_MAX, STREAM_WINDOW / subscriptions.size()));
        subscription.readFrom(partition.read(
                new ReadRequest(
                        wanted.getOffset(),
                        wanted.getLastReadEpoch(),
                        wanted.getCurrentLeaderEpoch(),
                        wanted.getCreditBytes(),
                        window),
                subscription));
    }

    private static @Nullable Error problemOf(AddPartition wanted) {
        if (!Uuids.isUuid(wanted.getTopicId())) {
            return invalid("a topic id of " + wanted.getTopicId().size() + " bytes, it has " + Uuids.SIZE_BYTES);
        }
        if (wanted.getOffset() < 0) {
            return invalid("offset " + wanted.getOffset() + " is below 0");
        }
        if (wanted.getCreditBytes() < 0) {
            return invalid("credit_bytes " + wanted.getCreditBytes() + " is below 0");
        }
        if (wanted.getIsolation() == Isolation.UNRECOGNIZED) {
            return invalid("isolation " + wanted.getIsolationValue() + " is unknown");
        }
        return null;
    }

    private void remove(int id) {
        Subscription subscription = subscriptions.remove(id);
        if (subscription != null) { // else it ended by itself, and that notice is on its way
            subscription.remove();
        }
    }

    private void addCredit(AddCredit credit) {
        Subscription subscription = subscriptions.get(credit.getSubscription());
        if (subscription == null) {
            return;
        }
        if (credit.getBytes() < 1) {
            remove(subscription.id());
            endSubscription(subscription.id(), invalid("credit of " + credit.getBytes() + " bytes is not above 0"));
        } else {
            subscription.addCredit(credit.getBytes());
        }
    }

    @Override
    public void onReady() {
        send();
        requestMore();
    }

    @Override
    public void onHalfClose() {
        halfClosed = true;
        send();
    }

    @Override
    public void onCancel() {
        end();
    }

    @Override
    public void onComplete() {
        end();
    }

    /** Sends what the readers left, as far as the client reads. After the end it only gives buffers back. */
    private void send() {
        while (closed || call.isReady()) {
            Outgoing next = mailbox.poll();
            if (next == null) {
                break;
            }
            try {
                if (!closed && !next.subscription().isRemoved()) {
                    send(next);
                }
            } finally {
                next.release();
            }
        }
        if (closed || mailbox.isEmpty()) {
            stall.moving();
        } else {
            stall.waiting();
        }
        if (halfClosed && !closed && mailbox.isEmpty()) {
            call.close(Status.OK, new Metadata());
            end();
        }
    }

    private void send(Outgoing next) {
        Subscription subscription = next.subscription();
        Delivery delivery = next.delivery();
        if (delivery != null) {
            int bytes = delivery.sizeBytes();
            call.sendMessage(new SubscribeBatches(
                    subscription.id(),
                    null,
                    delivery.highWatermark(),
                    delivery.highWatermark(), // equal while there are no transactions
                    delivery.logStartOffset(),
                    delivery.leaderEpoch(),
                    0,
                    delivery.batches()));
            subscription.consumed(bytes);
        } else if (next.reason() != null) {
            remove(subscription.id());
            Error why = next.endOffset() < 0
                    ? StatusMapper.refused(next.reason(), next.message())
                    : StatusMapper.truncated(next.endOffset(), next.message());
            endSubscription(
                    subscription.id(),
                    StatusMapper.withLeader(why, lookup, subscription.topicId(), subscription.partition()));
        }
    }

    private void endSubscription(int id, Error error) {
        call.sendMessage(new SubscribeBatches(id, error, 0, 0, 0, 0, 0, Unpooled.EMPTY_BUFFER));
    }

    private void disconnect() {
        close(StatusMapper.refused(
                ErrorReason.ERROR_REASON_THROTTLING_QUOTA_EXCEEDED,
                "the subscription was not read for " + limits.stallTimeout().toSeconds() + " s"));
    }

    /** The node shuts down. Any thread. */
    void shutDown() {
        mailbox.later(
                () -> close(StatusMapper.refused(ErrorReason.ERROR_REASON_NETWORK_EXCEPTION, "the node shuts down")));
    }

    private static Error invalid(String message) {
        return StatusMapper.refused(ErrorReason.ERROR_REASON_INVALID_REQUEST, message);
    }

    private void close(Error error) {
        if (!closed) {
            StatusRuntimeException status = ErrorReasons.toStatus(error);
            Metadata trailers = status.getTrailers();
            call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
            end();
        }
    }

    private void end() {
        if (!closed) {
            closed = true;
            subscriptions.values().forEach(Subscription::remove);
            subscriptions.clear();
            send(); // gives back what waits; what the readers still bring wakes it again
            onEnd.run();
        }
    }
}
