// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import io.varve.proto.v1.DescribeClusterResponse;
import io.varve.proto.v1.DescribePartitionResponse;
import io.varve.proto.v1.DescribeQuorumResponse;
import io.varve.proto.v1.ElectLeadersRequest;
import io.varve.proto.v1.ElectLeadersResponse;
import io.varve.proto.v1.ListNodesResponse;
import io.varve.proto.v1.ListPartitionsRequest;
import io.varve.proto.v1.ListPartitionsResponse;
import java.util.concurrent.CompletableFuture;

/**
 * The cluster for operators and their tools. What operators look at grows with every release, and tools print it as it
 * is: so these are the messages of the API themselves, described in {@code cluster_service.proto}, and not values of this
 * client like {@link TopicDescription}. Failures and threads are as with {@link Admin}. <i>Thread-safe.</i>
 */
public interface AdminCluster {
    /** Whether all is well, and if not, what is wrong. */
    CompletableFuture<DescribeClusterResponse> describe();

    /** The quorum that keeps the metadata. */
    CompletableFuture<DescribeQuorumResponse> describeQuorum();

    /** All nodes that are registered. */
    CompletableFuture<ListNodesResponse> listNodes();

    /** All pages in one answer, which has no token. */
    CompletableFuture<ListPartitionsResponse> listPartitions(ListPartitionsRequest request);

    /** With an error in the answer when there is no such partition, or its leader could not be asked. */
    CompletableFuture<DescribePartitionResponse> describePartition(TopicPartition partition);

    /** One result for each partition; some may have failed. */
    CompletableFuture<ElectLeadersResponse> electLeaders(ElectLeadersRequest request);
}
