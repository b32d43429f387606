// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import io.varve.proto.v1.AlterTopicConfigsRequest;
import io.varve.proto.v1.AlterTopicConfigsResponse;
import io.varve.proto.v1.DescribeNodeConfigsResponse;
import io.varve.proto.v1.DescribeTopicConfigsResponse;
import io.varve.proto.v1.ListConfigKeysResponse;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;

/**
 * Configs of topics and settings of nodes, for operators and their tools: as with {@link AdminCluster} these are the
 * messages of the API itself, described in {@code config_service.proto}. Failures and threads are as with {@link Admin}.
 * <i>Thread-safe.</i>
 */
public interface AdminConfigs {
    /** One for each topic, in the same order; some may carry an error. */
    CompletableFuture<DescribeTopicConfigsResponse> describeTopics(Collection<String> topics);

    /** One result for each change, in the same order; some may have failed. Completes when the changes are committed. */
    CompletableFuture<AlterTopicConfigsResponse> alterTopics(AlterTopicConfigsRequest request);

    /** What a node was started with. */
    CompletableFuture<DescribeNodeConfigsResponse> describeNode(int nodeId);

    /** Which settings there are. */
    CompletableFuture<ListConfigKeysResponse> keys();
}
