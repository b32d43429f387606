// SPDX-License-Identifier: Apache-2.0
package io.varve.client.fake;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.varve.proto.v1.ClusterMetadata;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.GetMetadataRequest;
import io.varve.proto.v1.GetMetadataResponse;
import io.varve.proto.v1.GetServerInfoRequest;
import io.varve.proto.v1.GetServerInfoResponse;
import io.varve.proto.v1.Limits;
import io.varve.proto.v1.MetadataServiceGrpc;
import io.varve.proto.v1.OffsetQuery;
import io.varve.proto.v1.OffsetResult;
import io.varve.proto.v1.TopicMetadata;
import io.varve.proto.v1.WatchMetadataRequest;
import io.varve.proto.v1.WatchMetadataResponse;
import java.util.List;

/** The fake node's metadata service. */
final class FakeMetadata extends MetadataServiceGrpc.MetadataServiceImplBase {
    private final FakeNode node;

    FakeMetadata(FakeNode node) {
        this.node = node;
    }

    @Override
    public void getMetadata(GetMetadataRequest request, StreamObserver<GetMetadataResponse> answer) {
        synchronized (node.cluster) {
            node.metadataRequests++;
        }
        if (node.still) {
            return;
        }
        answer.onNext(GetMetadataResponse.newBuilder()
                .setMetadata(some(node.metadata(), request.getTopicsList()))
                .build());
        answer.onCompleted();
    }

    @Override
    public void watchMetadata(WatchMetadataRequest request, StreamObserver<WatchMetadataResponse> answer) {
        new FakeWatch(node, request, (ServerCallStreamObserver<WatchMetadataResponse>) answer).start();
    }

    /** What a node that knows all would say of some topics. */
    static ClusterMetadata some(ClusterMetadata all, List<String> names) {
        ClusterMetadata.Builder some = all.toBuilder().clearTopics();
        for (String name : names) {
            some.addTopics(all.getTopicsList().stream()
                    .filter(t -> t.getName().equals(name))
                    .findFirst()
                    .orElseGet(() -> TopicMetadata.newBuilder()
                            .setName(name)
                            .setError(FakeLog.error(
                                    ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION, "no topic " + name))
                            .build()));
        }
        return some.build();
    }

    static OffsetResult offset(FakeNode node, OffsetQuery query) {
        OffsetResult.Builder result =
                OffsetResult.newBuilder().setTopic(query.getTopic()).setPartition(query.getPartition());
        FakeCluster.FakeTopic topic = node.topic(query.getTopic());
        if (topic == null) {
            return result.setError(FakeLog.error(ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION, "no such topic"))
                    .build();
        }
        FakeLog log = topic.log(query.getPartition());
        if (log.leader != node.id) {
            return result.setError(node.cluster.notLeader(topic, query.getPartition()))
                    .build();
        }
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
        if (node.still) {
            return;
        }
        answer.onNext(GetServerInfoResponse.newBuilder()
                .setVersion("fake")
                .setNodeId(node.id)
                .setClusterId("fake-cluster")
                .setLimits(Limits.newBuilder().setMaxBatchBytes(FakeNode.MAX_BATCH_BYTES))
                .build());
        answer.onCompleted();
    }
}
