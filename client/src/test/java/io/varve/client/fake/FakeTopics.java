// SPDX-License-Identifier: Apache-2.0
package io.varve.client.fake;

import io.grpc.stub.StreamObserver;
import io.varve.proto.ErrorReasons;
import io.varve.proto.Uuids;
import io.varve.proto.v1.CreateTopicResult;
import io.varve.proto.v1.CreateTopicsRequest;
import io.varve.proto.v1.CreateTopicsResponse;
import io.varve.proto.v1.DeleteTopicResult;
import io.varve.proto.v1.DeleteTopicsRequest;
import io.varve.proto.v1.DeleteTopicsResponse;
import io.varve.proto.v1.DescribeTopicsRequest;
import io.varve.proto.v1.DescribeTopicsResponse;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.ListTopicsRequest;
import io.varve.proto.v1.ListTopicsResponse;
import io.varve.proto.v1.NewTopic;
import io.varve.proto.v1.PartitionDescription;
import io.varve.proto.v1.TopicDescription;
import io.varve.proto.v1.TopicListing;
import io.varve.proto.v1.TopicServiceGrpc;

/** The fake node's topic service. */
final class FakeTopics extends TopicServiceGrpc.TopicServiceImplBase {
    private final FakeNode node;

    FakeTopics(FakeNode node) {
        this.node = node;
    }

    @Override
    public void createTopics(CreateTopicsRequest request, StreamObserver<CreateTopicsResponse> answer) {
        CreateTopicsResponse.Builder response = CreateTopicsResponse.newBuilder();
        synchronized (node.cluster) {
            request.getTopicsList().forEach(t -> response.addResults(create(t, request.getValidateOnly())));
        }
        answer.onNext(response.build());
        answer.onCompleted();
    }

    private CreateTopicResult create(NewTopic topic, boolean validateOnly) {
        CreateTopicResult.Builder result = CreateTopicResult.newBuilder().setName(topic.getName());
        if (node.topic(topic.getName()) != null) {
            return result.setError(FakeLog.error(
                            ErrorReason.ERROR_REASON_TOPIC_ALREADY_EXISTS, "topic " + topic.getName() + " exists"))
                    .build();
        }
        result.setPartitions(topic.getPartitions()).setReplicationFactor(1);
        if (!validateOnly) {
            result.setTopicId(Uuids.toBytes(node.createTopic(topic.getName(), topic.getPartitions()).id));
        }
        return result.build();
    }

    @Override
    public void deleteTopics(DeleteTopicsRequest request, StreamObserver<DeleteTopicsResponse> answer) {
        if (request.getNamesList().contains("forbidden")) {
            answer.onError(ErrorReasons.toStatus(
                    FakeLog.error(ErrorReason.ERROR_REASON_INVALID_TOPIC_EXCEPTION, "topic forbidden is not yours")));
            return;
        }
        DeleteTopicsResponse.Builder response = DeleteTopicsResponse.newBuilder();
        for (String name : request.getNamesList()) {
            DeleteTopicResult.Builder result = DeleteTopicResult.newBuilder().setName(name);
            if (node.topic(name) == null) {
                result.setError(FakeLog.error(ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION, "no topic " + name));
            }
            node.deleteTopic(name);
            response.addResults(result);
        }
        answer.onNext(response.build());
        answer.onCompleted();
    }

    @Override
    public void listTopics(ListTopicsRequest request, StreamObserver<ListTopicsResponse> answer) {
        ListTopicsResponse.Builder response = ListTopicsResponse.newBuilder();
        node.topics()
                .forEach(t -> response.addTopics(TopicListing.newBuilder()
                        .setName(t.name)
                        .setTopicId(Uuids.toText(t.id))
                        .setPartitions(t.logs.size())
                        .setReplicationFactor(1)
                        .setDurability("flushed")));
        answer.onNext(response.build());
        answer.onCompleted();
    }

    @Override
    public void describeTopics(DescribeTopicsRequest request, StreamObserver<DescribeTopicsResponse> answer) {
        DescribeTopicsResponse.Builder response = DescribeTopicsResponse.newBuilder();
        for (String name : request.getNamesList()) {
            FakeCluster.FakeTopic topic = node.topic(name);
            TopicDescription.Builder description = TopicDescription.newBuilder().setName(name);
            if (topic == null) {
                description.setError(
                        FakeLog.error(ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION, "no topic " + name));
            } else {
                topic.logs.forEach(l -> description.addPartitions(
                        PartitionDescription.newBuilder().setHighWatermark(l.endOffset())));
            }
            response.addTopics(description);
        }
        answer.onNext(response.build());
        answer.onCompleted();
    }
}
