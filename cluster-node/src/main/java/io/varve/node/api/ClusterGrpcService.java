// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.grpc.stub.StreamObserver;
import io.varve.metadata.Controller;
import io.varve.metadata.image.MetadataImage;
import io.varve.proto.Uuids;
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
import java.util.UUID;
import java.util.function.Supplier;

/** The cluster for operators: from this node's image, and from leaders what only they know. <i>Thread-safe.</i> */
public final class ClusterGrpcService extends ClusterServiceGrpc.ClusterServiceImplBase {

    private final String clusterId;
    private final int nodeId;
    private final Supplier<MetadataImage> image;
    private final LeaderViews leaders;
    private final NodeDisks disks;
    private final NodeAbsences absences;
    private final PartitionDescriptions descriptions;
    private final Elections elections;

    /** @param nodeId of this node */
    public ClusterGrpcService(
            UUID clusterId,
            int nodeId,
            Supplier<MetadataImage> image,
            Controller controller,
            LeaderViews leaders,
            NodeDisks disks) {
        this.disks = disks;
        this.clusterId = Uuids.toText(clusterId);
        this.nodeId = nodeId;
        this.image = image;
        this.leaders = leaders;
        this.absences = new NodeAbsences(image, System::nanoTime);
        this.descriptions = new PartitionDescriptions(leaders);
        this.elections = new Elections(controller);
    }

    /** Has to hear of every image, so that it can tell how long nodes have been away. */
    public NodeAbsences absences() {
        return absences;
    }

    @Override
    public void describeCluster(DescribeClusterRequest request, StreamObserver<DescribeClusterResponse> observer) {
        Replies.send(
                leaders.quorum()
                        .thenCombine(
                                disks.of(image.get()),
                                (quorum, told) -> new ClusterHealth(image.get(), absences, told)
                                        .describe(clusterId, nodeId, quorum)),
                observer);
    }

    @Override
    public void describeQuorum(DescribeQuorumRequest request, StreamObserver<DescribeQuorumResponse> observer) {
        Replies.send(leaders.quorum(), observer);
    }

    @Override
    public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> observer) {
        String listener = RequestContext.current().listener();
        Replies.send(
                disks.of(image.get())
                        .thenApply(told -> NodeListings.list(image.get(), listener, leaders.voters(), told)),
                observer);
    }

    @Override
    public void listPartitions(ListPartitionsRequest request, StreamObserver<ListPartitionsResponse> observer) {
        observer.onNext(PartitionListings.list(image.get(), request));
        observer.onCompleted();
    }

    @Override
    public void describePartition(
            DescribePartitionRequest request, StreamObserver<DescribePartitionResponse> observer) {
        Replies.send(descriptions.describe(image.get(), request.getTopic(), request.getPartition()), observer);
    }

    @Override
    public void electLeaders(ElectLeadersRequest request, StreamObserver<ElectLeadersResponse> observer) {
        Replies.send(elections.elect(image.get(), request), observer);
    }
}
