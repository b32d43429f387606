// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.grpc.stub.StreamObserver;
import io.varve.proto.Uuids;
import io.varve.proto.internal.v1.InspectDiskRequest;
import io.varve.proto.internal.v1.InspectDiskResponse;
import io.varve.proto.internal.v1.InspectPartitionRequest;
import io.varve.proto.internal.v1.InspectPartitionResponse;
import io.varve.proto.internal.v1.InspectQuorumRequest;
import io.varve.proto.internal.v1.InspectQuorumResponse;
import io.varve.proto.internal.v1.InspectionServiceGrpc;
import io.varve.proto.v1.NodeDisk;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Tells other nodes what this one knows as a leader, and of its disk. <i>Thread-safe.</i> */
public final class InspectionGrpcService extends InspectionServiceGrpc.InspectionServiceImplBase {

    private final LocalLeaders local;
    private final Supplier<NodeDisk> disk;
    private final Executor calls;

    /** @param calls where questions are answered: the peer port's own threads must not wait */
    public InspectionGrpcService(LocalLeaders local, Supplier<NodeDisk> disk, Executor calls) {
        this.disk = disk;
        this.local = local;
        this.calls = calls;
    }

    @Override
    public void inspectQuorum(InspectQuorumRequest request, StreamObserver<InspectQuorumResponse> observer) {
        reply(
                () -> local.quorum()
                        .thenApply(quorum -> InspectQuorumResponse.newBuilder()
                                .setQuorum(quorum)
                                .build()),
                observer);
    }

    @Override
    public void inspectPartition(InspectPartitionRequest request, StreamObserver<InspectPartitionResponse> observer) {
        reply(
                () -> local.partition(Uuids.fromBytes(request.getTopicId()), request.getPartition())
                        .thenApply(sight -> {
                            var answer = InspectPartitionResponse.newBuilder().addAllReplicas(sight.replicas());
                            sight.view().ifPresent(answer::setView);
                            sight.error().ifPresent(answer::setError);
                            return answer.build();
                        }),
                observer);
    }

    @Override
    public void inspectDisk(InspectDiskRequest request, StreamObserver<InspectDiskResponse> observer) {
        observer.onNext(InspectDiskResponse.newBuilder().setDisk(disk.get()).build());
        observer.onCompleted();
    }

    private <T> void reply(Supplier<CompletableFuture<T>> question, StreamObserver<T> observer) {
        var unused = CompletableFuture.supplyAsync(question, calls)
                .thenCompose(answer -> answer)
                .whenComplete((value, failure) -> {
                    if (failure != null) {
                        observer.onError(Failures.toStatus(failure));
                    } else {
                        observer.onNext(value);
                        observer.onCompleted();
                    }
                });
    }
}
