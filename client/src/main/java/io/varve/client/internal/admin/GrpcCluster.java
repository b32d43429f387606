// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.admin;

import io.varve.client.AdminCluster;
import io.varve.client.TopicPartition;
import io.varve.client.internal.ClientContext;
import io.varve.proto.v1.ClusterServiceGrpc;
import io.varve.proto.v1.DescribeClusterRequest;
import io.varve.proto.v1.DescribeClusterResponse;
import io.varve.proto.v1.DescribePartitionRequest;
import io.varve.proto.v1.DescribePartitionResponse;
import io.varve.proto.v1.DescribeQuorumRequest;
import io.varve.proto.v1.DescribeQuorumResponse;
import io.varve.proto.v1.ElectLeadersRequest;
import io.varve.proto.v1.ElectLeadersResponse;
import io.varve.proto.v1.ListNodesRequest;
import io.varve.proto.v1.ListNodesResponse;
import io.varve.proto.v1.ListPartitionsRequest;
import io.varve.proto.v1.ListPartitionsResponse;
import java.util.concurrent.CompletableFuture;

/** {@link AdminCluster} over the cluster service. <i>Thread-safe.</i> */
final class GrpcCluster implements AdminCluster {
    private final ClientContext context;
    private final MessageCalls calls;

    GrpcCluster(ClientContext context) {
        this.context = context;
        this.calls = new MessageCalls(context);
    }

    @Override
    public CompletableFuture<DescribeClusterResponse> describe() {
        return calls.question(
                ClusterServiceGrpc.getDescribeClusterMethod(), DescribeClusterRequest.getDefaultInstance());
    }

    @Override
    public CompletableFuture<DescribeQuorumResponse> describeQuorum() {
        return calls.question(ClusterServiceGrpc.getDescribeQuorumMethod(), DescribeQuorumRequest.getDefaultInstance());
    }

    @Override
    public CompletableFuture<ListNodesResponse> listNodes() {
        return calls.question(ClusterServiceGrpc.getListNodesMethod(), ListNodesRequest.getDefaultInstance());
    }

    @Override
    public CompletableFuture<ListPartitionsResponse> listPartitions(ListPartitionsRequest request) {
        return calls.toUser(pages(request, ListPartitionsResponse.newBuilder()));
    }

    private CompletableFuture<ListPartitionsResponse> pages(
            ListPartitionsRequest request, ListPartitionsResponse.Builder all) {
        return context.cluster()
                .askAny(ClusterServiceGrpc.getListPartitionsMethod(), request, true)
                .thenCompose(page -> {
                    if (all.getErrorsCount() == 0) {
                        all.addAllErrors(page.getErrorsList()); // every page has the same
                    }
                    all.addAllPartitions(page.getPartitionsList());
                    if (page.getNextPageToken().isEmpty()) {
                        return CompletableFuture.completedFuture(all.build());
                    }
                    return pages(
                            request.toBuilder()
                                    .setPageToken(page.getNextPageToken())
                                    .build(),
                            all);
                });
    }

    @Override
    public CompletableFuture<DescribePartitionResponse> describePartition(TopicPartition partition) {
        return calls.question(
                ClusterServiceGrpc.getDescribePartitionMethod(),
                DescribePartitionRequest.newBuilder()
                        .setTopic(partition.topic())
                        .setPartition(partition.partition())
                        .build());
    }

    @Override
    public CompletableFuture<ElectLeadersResponse> electLeaders(ElectLeadersRequest request) {
        return calls.change(ClusterServiceGrpc.getElectLeadersMethod(), request);
    }
}
