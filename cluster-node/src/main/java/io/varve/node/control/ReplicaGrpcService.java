// SPDX-License-Identifier: Apache-2.0
package io.varve.node.control;

import io.grpc.stub.StreamObserver;
import io.varve.metadata.controller.ReplicaAnswer;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.image.ReplicaReport;
import io.varve.proto.Uuids;
import io.varve.proto.internal.v1.DescribeReplicaRequest;
import io.varve.proto.internal.v1.DescribeReplicaResponse;
import io.varve.proto.internal.v1.ReplicaContent;
import io.varve.proto.internal.v1.ReplicaServiceGrpc.ReplicaServiceImplBase;

/** What this node has of partitions that nobody leads. <i>Thread-safe.</i> */
public final class ReplicaGrpcService extends ReplicaServiceImplBase {

    private final Replicas replicas;

    /** Who knows. */
    @FunctionalInterface
    public interface Replicas {

        /** Unreachable: this is not the node's registration, or it knows nothing of it yet. Must not block. */
        ReplicaAnswer report(long brokerEpoch, ReplicaId replica);
    }

    public ReplicaGrpcService(Replicas replicas) {
        this.replicas = replicas;
    }

    @Override
    public void describeReplica(DescribeReplicaRequest request, StreamObserver<DescribeReplicaResponse> answers) {
        ReplicaId id = new ReplicaId(Uuids.fromBytes(request.getTopicId()), request.getPartition());
        var response = DescribeReplicaResponse.newBuilder();
        ReplicaAnswer answer = replicas.report(request.getBrokerEpoch(), id);
        if (answer instanceof ReplicaAnswer.Report report) {
            ReplicaReport has = report.report();
            response.setContent(ReplicaContent.newBuilder()
                    .setLastEpoch(has.lastEpoch())
                    .setLogEndOffset(has.logEndOffset())
                    .setHighWatermarkCheckpoint(has.highWatermarkCheckpoint()));
        } else if (answer instanceof ReplicaAnswer.Unusable unusable) {
            response.setUnusable(unusable.why());
        }
        answers.onNext(response.build());
        answers.onCompleted();
    }
}
