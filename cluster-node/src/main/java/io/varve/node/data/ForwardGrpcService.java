// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import io.varve.proto.internal.v1.ForwardAppendRequest;
import io.varve.proto.internal.v1.ForwardAppendResponse;
import io.varve.proto.internal.v1.ForwardDeleteRecordsRequest;
import io.varve.proto.internal.v1.ForwardDeleteRecordsResponse;
import io.varve.proto.internal.v1.ForwardReadRequest;
import io.varve.proto.internal.v1.ForwardReadResponse;
import io.varve.proto.internal.v1.ForwardServiceGrpc;
import io.varve.proto.v1.ReadResponse;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * {@code varve.internal.v1.ForwardService}: does what another node's client asked for, here or not at all. On the port
 * between nodes. *Thread-safe.*
 */
public final class ForwardGrpcService extends ForwardServiceGrpc.ForwardServiceImplBase {
    private final DataPlane plane;
    private final RecordCalls calls;
    private final RecordDeletions deletions;

    public ForwardGrpcService(DataPlane plane) {
        this.plane = plane;
        this.calls = new RecordCalls(plane);
        this.deletions = new RecordDeletions(plane.lookup(), null);
    }

    @Override
    public void forwardAppend(ForwardAppendRequest request, StreamObserver<ForwardAppendResponse> observer) {
        CompletableFuture<ForwardAppendResponse> answer = onCallThread(() -> calls.append(request.getRequest()))
                .thenCompose(Function.identity())
                .thenApply(appended ->
                        ForwardAppendResponse.newBuilder().setResponse(appended).build());
        UnaryAnswers.send(answer, observer, plane.answers());
    }

    @Override
    public void forwardRead(ForwardReadRequest request, StreamObserver<ForwardReadResponse> observer) {
        CompletableFuture<CompletableFuture<ReadResponse>> started =
                onCallThread(() -> calls.read(request.getRequest()));
        CompletableFuture<ForwardReadResponse> answer = started.thenCompose(Function.identity())
                .thenApply(read ->
                        ForwardReadResponse.newBuilder().setResponse(read).build());
        UnaryAnswers.send(answer, observer, plane.answers(), () -> {
            var unused = started.thenAccept(read -> read.cancel(false));
        });
    }

    @Override
    public void forwardDeleteRecords(
            ForwardDeleteRecordsRequest request, StreamObserver<ForwardDeleteRecordsResponse> observer) {
        CompletableFuture<ForwardDeleteRecordsResponse> answer = deletions
                .delete(request.getRequest(), null)
                .thenApply(deleted -> ForwardDeleteRecordsResponse.newBuilder()
                        .setResponse(deleted)
                        .build());
        UnaryAnswers.send(answer, observer, plane.answers());
    }

    /** Calls come on an event loop of the port between nodes, which makes no batches. */
    private <T> CompletableFuture<T> onCallThread(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, Context.currentContextExecutor(plane.answers()));
    }
}
