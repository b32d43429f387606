// SPDX-License-Identifier: Apache-2.0
package io.varve.client.fake;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.netty.buffer.Unpooled;
import io.varve.proto.Uuids;
import io.varve.proto.v1.AddPartition;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.SubscribeRequest;
import io.varve.record.BatchHeader;
import io.varve.transport.SubscribeBatches;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Subscribe stream of the fake node: pushes one batch per message while there is credit. */
final class FakeSubscribe implements StreamObserver<SubscribeRequest> {
    private final FakeNode node;
    private final StreamObserver<SubscribeBatches> answers;
    private final Map<Integer, Subscription> subscriptions = new LinkedHashMap<>();
    private boolean ended;

    FakeSubscribe(FakeNode node, StreamObserver<SubscribeBatches> answers) {
        this.node = node;
        this.answers = answers;
        synchronized (node.cluster) {
            node.subscribers.add(this);
        }
    }

    @Override
    public void onNext(SubscribeRequest request) {
        synchronized (node.cluster) {
            if (node.still) {
                return;
            }
            switch (request.getRequestCase()) {
                case ADD -> add(request.getAdd());
                case REMOVE -> subscriptions.remove(request.getRemove().getSubscription());
                case CREDIT -> {
                    Subscription s = subscriptions.get(request.getCredit().getSubscription());
                    if (s != null) {
                        s.credit += request.getCredit().getBytes();
                    }
                }
                default -> throw new IllegalArgumentException(request.toString());
            }
            push();
        }
    }

    private void add(AddPartition add) {
        node.addsSeen++;
        FakeCluster.FakeTopic topic = node.topic(Uuids.fromBytes(add.getTopicId()));
        if (topic == null || add.getPartition() >= topic.logs.size()) {
            end(add.getSubscription(), ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_ID, "no such topic");
            return;
        }
        FakeLog log = topic.log(add.getPartition());
        if (log.leader != node.id) {
            send(add.getSubscription(), log, node.cluster.notLeader(topic, add.getPartition()), new byte[0]);
            return;
        }
        long end = log.endOfEpoch(add.getLastReadEpoch());
        if (end < add.getOffset()) {
            Error truncated = FakeLog.error(ErrorReason.ERROR_REASON_LOG_TRUNCATED, "epoch ends at " + end).toBuilder()
                    .putMetadata("endOffset", Long.toString(end))
                    .build();
            send(add.getSubscription(), log, truncated, new byte[0]);
            return;
        }
        if (add.getOffset() < log.startOffset() || add.getOffset() > log.endOffset()) {
            send(
                    add.getSubscription(),
                    log,
                    FakeLog.error(
                            ErrorReason.ERROR_REASON_OFFSET_OUT_OF_RANGE,
                            "offset " + add.getOffset() + " of " + log.startOffset() + ".." + log.endOffset()),
                    new byte[0]);
            return;
        }
        subscriptions.put(
                add.getSubscription(),
                new Subscription(topic, add.getPartition(), log, add.getOffset(), add.getCreditBytes()));
        send(add.getSubscription(), log, null, new byte[0]);
    }

    void push() {
        if (ended || node.still) {
            return;
        }
        subscriptions.forEach((number, s) -> {
            byte[] batch = s.credit > 0 ? s.log.batchAt(s.offset) : null;
            while (batch != null) {
                s.credit -= batch.length;
                s.offset = BatchHeader.nextOffset(ByteBuffer.wrap(batch), 0);
                send(number, s.log, null, batch);
                batch = s.credit > 0 ? s.log.batchAt(s.offset) : null;
            }
        });
    }

    private void end(int subscription, ErrorReason reason, String message) {
        answers.onNext(new SubscribeBatches(
                subscription, FakeLog.error(reason, message), 0, 0, 0, 0, 0, Unpooled.EMPTY_BUFFER));
    }

    private void send(int subscription, FakeLog log, @Nullable Error error, byte[] batch) {
        answers.onNext(new SubscribeBatches(
                subscription,
                error,
                log.endOffset(),
                log.endOffset(),
                log.startOffset(),
                log.leaderEpoch,
                0,
                Unpooled.wrappedBuffer(batch)));
    }

    void ledElsewhere(FakeCluster.FakeTopic topic, int partition) {
        subscriptions.entrySet().removeIf(e -> {
            Subscription s = e.getValue();
            boolean here = s.topic == topic && s.partition == partition && s.log.leader != node.id;
            if (here) {
                send(e.getKey(), s.log, node.cluster.notLeader(topic, partition), new byte[0]);
            }
            return here;
        });
    }

    void breakOff() {
        ended = true;
        node.subscribers.remove(this);
        answers.onError(
                Status.UNAVAILABLE.withDescription("the fake node goes away").asRuntimeException());
    }

    @Override
    public void onError(Throwable t) {
        forget();
    }

    @Override
    public void onCompleted() {
        forget();
        answers.onCompleted();
    }

    private void forget() {
        synchronized (node.cluster) {
            ended = true;
            node.subscribers.remove(this);
        }
    }

    private static final class Subscription {
        final FakeCluster.FakeTopic topic;
        final int partition;
        final FakeLog log;
        long offset;
        long credit;

        Subscription(FakeCluster.FakeTopic topic, int partition, FakeLog log, long offset, long credit) {
            this.topic = topic;
            this.partition = partition;
            this.log = log;
            this.offset = offset;
            this.credit = credit;
        }
    }
}
