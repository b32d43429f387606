// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.grpc.stub.StreamObserver;
import io.varve.metadata.Controller;
import io.varve.metadata.image.MetadataImage;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.AlterTopicConfigsRequest;
import io.varve.proto.v1.AlterTopicConfigsResponse;
import io.varve.proto.v1.ConfigServiceGrpc;
import io.varve.proto.v1.DescribeNodeConfigsRequest;
import io.varve.proto.v1.DescribeNodeConfigsResponse;
import io.varve.proto.v1.DescribeTopicConfigsRequest;
import io.varve.proto.v1.DescribeTopicConfigsResponse;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.ListConfigKeysRequest;
import io.varve.proto.v1.ListConfigKeysResponse;
import io.varve.proto.v1.Outcome;
import io.varve.proto.v1.TopicConfigChange;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Configs of topics, changed through the controller, and settings of nodes, which are only shown. <i>Thread-safe.</i> */
public final class ConfigGrpcService extends ConfigServiceGrpc.ConfigServiceImplBase {

    private static final int MAX_ITEMS = 1000;

    private final Supplier<MetadataImage> image;
    private final NodeSettings nodes;
    private final TopicConfigChanges changes;

    /** @param maxBatchBytes the largest batch that the node takes from the network */
    public ConfigGrpcService(
            Controller controller,
            Supplier<MetadataImage> image,
            LocalPartitions partitions,
            NodeSettings nodes,
            int maxBatchBytes) {
        this.image = image;
        this.nodes = nodes;
        this.changes = new TopicConfigChanges(controller, image, partitions, new BatchLimit(maxBatchBytes));
    }

    @Override
    public void describeTopicConfigs(
            DescribeTopicConfigsRequest request, StreamObserver<DescribeTopicConfigsResponse> observer) {
        requireItems("topics", request.getTopicsCount());
        MetadataImage now = image.get();
        observer.onNext(DescribeTopicConfigsResponse.newBuilder()
                .addAllTopics(request.getTopicsList().stream()
                        .map(name -> TopicConfigAnswers.describe(now, name))
                        .toList())
                .build());
        observer.onCompleted();
    }

    @Override
    public void alterTopicConfigs(
            AlterTopicConfigsRequest request, StreamObserver<AlterTopicConfigsResponse> observer) {
        requireItems("changes", request.getChangesCount());
        Set<String> topics = new HashSet<>();
        for (TopicConfigChange change : request.getChangesList()) {
            if (!topics.add(change.getTopic())) {
                throw invalid("changes name topic %s twice".formatted(change.getTopic()));
            }
        }
        Replies.send(changes.alter(request), observer);
    }

    @Override
    public void describeNodeConfigs(
            DescribeNodeConfigsRequest request, StreamObserver<DescribeNodeConfigsResponse> observer) {
        int node = request.getNodeId();
        if (image.get().broker(node).isEmpty()) {
            throw ErrorReasons.toStatus(ErrorReasons.error(
                    ErrorReason.ERROR_REASON_BROKER_ID_NOT_REGISTERED,
                    "node %d is not registered".formatted(node),
                    "varve broker list shows the nodes",
                    Outcome.OUTCOME_NOT_APPLIED,
                    Map.of("broker", Integer.toString(node))));
        }
        Replies.send(
                nodes.of(node)
                        .thenApply(configs -> DescribeNodeConfigsResponse.newBuilder()
                                .setNodeId(node)
                                .addAllConfigs(configs)
                                .build()),
                observer);
    }

    @Override
    public void listConfigKeys(ListConfigKeysRequest request, StreamObserver<ListConfigKeysResponse> observer) {
        observer.onNext(ListConfigKeysResponse.newBuilder()
                .addAllTopicKeys(TopicConfigAnswers.keys())
                .addAllNodeKeys(NodeSettingAnswers.keys())
                .build());
        observer.onCompleted();
    }

    private static void requireItems(String field, int count) {
        if (count < 1 || count > MAX_ITEMS) {
            throw invalid("%s must have 1 to %d elements, but has %d".formatted(field, MAX_ITEMS, count));
        }
    }

    private static RuntimeException invalid(String message) {
        return ErrorReasons.toStatus(ErrorReasons.error(ErrorReason.ERROR_REASON_INVALID_REQUEST, message));
    }
}
