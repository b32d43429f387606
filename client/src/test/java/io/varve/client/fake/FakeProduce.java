// SPDX-License-Identifier: Apache-2.0
package io.varve.client.fake;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.netty.buffer.ByteBufUtil;
import io.varve.proto.v1.Acks;
import io.varve.proto.v1.BatchResult;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.ProduceResponse;
import io.varve.transport.ProduceBatch;

/** A Produce stream of the fake node. */
final class FakeProduce implements StreamObserver<ProduceBatch> {
    private final FakeNode node;
    private final StreamObserver<ProduceResponse> answers;
    private long lastNumber;
    private boolean broken;

    FakeProduce(FakeNode node, StreamObserver<ProduceResponse> answers) {
        this.node = node;
        this.answers = answers;
    }

    @Override
    public void onNext(ProduceBatch request) {
        byte[] bytes = ByteBufUtil.getBytes(request.batch());
        request.release();
        synchronized (node.cluster) {
            node.producesSeen++;
            if (broken || node.still) {
                return;
            }
            if (request.number() != ++lastNumber) {
                answers.onError(Status.INVALID_ARGUMENT
                        .withDescription("number " + request.number() + ", expected " + lastNumber)
                        .asRuntimeException());
                return;
            }
            FakeNode.Fault fault = node.faults.apply(request);
            switch (fault) {
                case BREAK_BEFORE -> breakOff();
                case NOT_LEADER ->
                    refuse(request, FakeLog.error(ErrorReason.ERROR_REASON_NOT_LEADER_OR_FOLLOWER, "not me"));
                case DISK_FULL ->
                    refuse(request, FakeLog.error(ErrorReason.ERROR_REASON_DISK_FULL, "node 1: 3 bytes are free"));
                case NONE -> answer(request, append(request, bytes));
                case SILENT -> append(request, bytes);
                case BREAK_AFTER -> {
                    append(request, bytes);
                    breakOff();
                }
            }
        }
        node.push();
    }

    private Object append(ProduceBatch request, byte[] bytes) {
        FakeCluster.FakeTopic topic = node.topic(request.topicId());
        if (topic != null && topic.log(request.partition()).leader != node.id) {
            return node.cluster.notLeader(topic, request.partition());
        }
        return topic == null
                ? FakeLog.error(ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_ID, "no topic " + request.topicId())
                : topic.log(request.partition()).append(bytes);
    }

    private void answer(ProduceBatch request, Object result) {
        if (result instanceof Error error) {
            refuse(request, error);
        } else if (request.acks() != Acks.ACKS_NONE) {
            answers.onNext(ProduceResponse.newBuilder()
                    .addResults(BatchResult.newBuilder()
                            .setNumber(request.number())
                            .setBaseOffset((Long) result)
                            .setLogAppendTimeMs(-1))
                    .build());
        }
    }

    private void refuse(ProduceBatch request, Error error) {
        answers.onNext(ProduceResponse.newBuilder()
                .addResults(BatchResult.newBuilder().setNumber(request.number()).setError(error))
                .setThrottleMs(node.throttleMs)
                .build());
    }

    private void breakOff() {
        broken = true;
        answers.onError(
                Status.UNAVAILABLE.withDescription("the fake node goes away").asRuntimeException());
    }

    @Override
    public void onError(Throwable t) {}

    @Override
    public void onCompleted() {
        answers.onCompleted();
    }
}
