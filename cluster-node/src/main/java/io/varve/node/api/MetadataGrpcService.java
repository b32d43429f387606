// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.topic.TopicNames;
import io.varve.proto.v1.GetMetadataRequest;
import io.varve.proto.v1.GetMetadataResponse;
import io.varve.proto.v1.GetServerInfoRequest;
import io.varve.proto.v1.GetServerInfoResponse;
import io.varve.proto.v1.Limits;
import io.varve.proto.v1.MetadataServiceGrpc;
import io.varve.proto.v1.WatchMetadataRequest;
import io.varve.proto.v1.WatchMetadataResponse;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/** Where things are. Answers from this node's image, with the addresses of the listener asked. <i>Thread-safe.</i> */
public final class MetadataGrpcService extends MetadataServiceGrpc.MetadataServiceImplBase {

    /** The only version of the protocol there is. */
    private static final int PROTOCOL_VERSION = 1;

    private static final List<String> FEATURES = List.of("idempotent-producer", "watch-metadata", "durability");

    private final Supplier<MetadataImage> image;
    private final MetadataAnswers answers;
    private final MetadataWatchers watchers;
    private final ServerIdentity server;

    /**
     * Who answers.
     *
     * @param maxBatchBytes the largest batch of any topic
     * @param maxInFlightBatches unacknowledged batches of an idempotent producer per partition
     * @param maxPartitions of one topic
     */
    public record ServerIdentity(
            UUID clusterId, int nodeId, String version, int maxBatchBytes, int maxInFlightBatches, int maxPartitions) {}

    public MetadataGrpcService(Supplier<MetadataImage> image, ServerIdentity server) {
        this.image = image;
        this.server = server;
        this.answers = new MetadataAnswers(server.clusterId());
        this.watchers = new MetadataWatchers(image, answers);
    }

    /** To be told when the image has changed, and closed. */
    public MetadataWatchers watchers() {
        return watchers;
    }

    @Override
    public void getMetadata(GetMetadataRequest request, StreamObserver<GetMetadataResponse> observer) {
        String listener = RequestContext.current().listener();
        observer.onNext(GetMetadataResponse.newBuilder()
                .setMetadata(answers.answer(image.get(), listener, request.getTopicsList(), request.getAllTopics()))
                .build());
        observer.onCompleted();
    }

    @Override
    public void watchMetadata(WatchMetadataRequest request, StreamObserver<WatchMetadataResponse> observer) {
        watchers.add(request, RequestContext.current().listener(), (ServerCallStreamObserver<WatchMetadataResponse>)
                observer);
    }

    @Override
    public void getServerInfo(GetServerInfoRequest request, StreamObserver<GetServerInfoResponse> observer) {
        observer.onNext(GetServerInfoResponse.newBuilder()
                .setVersion(server.version())
                .setMinProtocolVersion(PROTOCOL_VERSION)
                .setMaxProtocolVersion(PROTOCOL_VERSION)
                .setFeatureLevel(image.get().featureLevel())
                .addAllFeatures(FEATURES)
                .setClusterId(answers.clusterId())
                .setNodeId(server.nodeId())
                .setLimits(Limits.newBuilder()
                        .setMaxBatchBytes(server.maxBatchBytes())
                        .setMaxInFlightBatches(server.maxInFlightBatches())
                        .setMaxTopicNameLength(TopicNames.MAX_LENGTH)
                        .setMaxPartitions(server.maxPartitions()))
                .build());
        observer.onCompleted();
    }
}
