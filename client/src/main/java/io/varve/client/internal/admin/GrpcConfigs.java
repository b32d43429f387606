// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.admin;

import io.varve.client.AdminConfigs;
import io.varve.client.internal.ClientContext;
import io.varve.proto.v1.AlterTopicConfigsRequest;
import io.varve.proto.v1.AlterTopicConfigsResponse;
import io.varve.proto.v1.ConfigServiceGrpc;
import io.varve.proto.v1.DescribeNodeConfigsRequest;
import io.varve.proto.v1.DescribeNodeConfigsResponse;
import io.varve.proto.v1.DescribeTopicConfigsRequest;
import io.varve.proto.v1.DescribeTopicConfigsResponse;
import io.varve.proto.v1.ListConfigKeysRequest;
import io.varve.proto.v1.ListConfigKeysResponse;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;

/** {@link AdminConfigs} over the config service. <i>Thread-safe.</i> */
final class GrpcConfigs implements AdminConfigs {
    private final MessageCalls calls;

    GrpcConfigs(ClientContext context) {
        this.calls = new MessageCalls(context);
    }

    @Override
    public CompletableFuture<DescribeTopicConfigsResponse> describeTopics(Collection<String> topics) {
        return calls.question(
                ConfigServiceGrpc.getDescribeTopicConfigsMethod(),
                DescribeTopicConfigsRequest.newBuilder().addAllTopics(topics).build());
    }

    @Override
    public CompletableFuture<AlterTopicConfigsResponse> alterTopics(AlterTopicConfigsRequest request) {
        return request.getValidateOnly()
                ? calls.question(ConfigServiceGrpc.getAlterTopicConfigsMethod(), request)
                : calls.change(ConfigServiceGrpc.getAlterTopicConfigsMethod(), request);
    }

    @Override
    public CompletableFuture<DescribeNodeConfigsResponse> describeNode(int nodeId) {
        return calls.question(
                ConfigServiceGrpc.getDescribeNodeConfigsMethod(),
                DescribeNodeConfigsRequest.newBuilder().setNodeId(nodeId).build());
    }

    @Override
    public CompletableFuture<ListConfigKeysResponse> keys() {
        return calls.question(ConfigServiceGrpc.getListConfigKeysMethod(), ListConfigKeysRequest.getDefaultInstance());
    }
}
