// SPDX-License-Identifier: Apache-2.0
package io.varve.client.fake;

import io.grpc.stub.StreamObserver;
import io.varve.proto.Uuids;
import io.varve.proto.v1.ClusterMetadata;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.GetMetadataRequest;
import io.varve.proto.v1.GetMetadataResponse;
import io.varve.proto.v1.GetServerInfoRequest;
import io.varve.proto.v1.GetServerInfoResponse;
import io.varve.proto.v1.Limits;
import io.varve.proto.v1.MetadataServiceGrpc;
import io.varve.proto.v1.NodeMetadata;
import io.varve.proto.v1.OffsetQuery;
import io.varve.proto.v1.OffsetResult;
import io.varve.proto.v1.PartitionMetadata;
import io.varve.proto.v1.TopicMetadata;

/** The fake node's metadata service. */
final class FakeMetadata extends MetadataServiceGrpc.MetadataServiceImplBase {
    private final FakeNode node;

    FakeMetadata(FakeNode node) {
        this.node = node;
    }

    @Override
    public void getMetadata(GetMetadataRequest request, StreamObserver<GetMetadataResponse> answer) {
        ClusterMetadata.Builder metadata = ClusterMetadata.newBuilder()
                .setClusterId("fake-cluster")
                .setControllerId(1)
                .addNodes(
                        NodeMetadata.newBuilder().setId(1).setHost("localhost").setPort(node.port()));
        synchronized (node) {
            node.metadataRequests++;
            request.getTopicsList().forEach(name -> metadata.addTopics(topic(name)));
        }
        answer.onNext(GetMetadataResponse.newBuilder().setMetadata(metadata).build());
        answer.onCompleted();
    }

    private TopicMetadata topic(String name) {
        FakeNode.FakeTopic topic = node.topic(name);
        TopicMetadata.Builder b = TopicMetadata.newBuilder().setName(name);
        if (topic == null) {
            return b.setError(FakeLog.error(ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION, "no topic " + name))
                    .build();
        }
        b.setTopicId(Uuids.toBytes(topic.id)).setMaxMessageBytes(FakeNode.MAX_BATCH_BYTES);
        for (int i = 0; i < topic.logs.size(); i++) {
            b.addPartitions(PartitionMetadata.newBuilder()
                    .setPartition(i)
                    .setLeader(1)
                    .setLeaderEpoch(topic.log(i).leaderEpoch)
                    .addReplicas(1)
                    .addIsr(1));
        }
        return b.build();
    }

    static OffsetResult offset(FakeNode node, OffsetQuery query) {
        OffsetResult.Builder result =
                OffsetResult.newBuilder().setTopic(query.getTopic()).setPartition(query.getPartition());
        FakeNode.FakeTopic topic = node.topic(query.getTopic());
        if (topic == null) {
            return result.setError(FakeLog.error(ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION, "no such topic"))
                    .build();
        }
        FakeLog log = topic.log(query.getPartition());
        result.setTimestampMs(-1).setLeaderEpoch(1);
        switch (query.getPositionCase()) {
            case END -> result.setOffset(log.endOffset());
            case TIMESTAMP_MS -> {
                long offset = log.offsetAtTime(query.getTimestampMs());
                result.setOffset(offset);
                if (offset < log.endOffset()) {
                    result.setTimestampMs(query.getTimestampMs());
                }
            }
            default -> result.setOffset(log.startOffset());
        }
        return result.build();
    }

    @Override
    public void getServerInfo(GetServerInfoRequest request, StreamObserver<GetServerInfoResponse> answer) {
        answer.onNext(GetServerInfoResponse.newBuilder()
                .setVersion("fake")
                .setNodeId(1)
                .setClusterId("fake-cluster")
                .setLimits(Limits.newBuilder().setMaxBatchBytes(FakeNode.MAX_BATCH_BYTES))
                .build());
        answer.onCompleted();
    }
}
