// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import io.varve.proto.v1.AppendRequest;
import io.varve.proto.v1.AppendResponse;
import io.varve.proto.v1.ReadRequest;
import io.varve.proto.v1.ReadResponse;
import io.varve.proto.v1.RecordServiceGrpc;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * {@code varve.v1.RecordService}: single calls for programs without a batch codec. What another node leads is passed on to
 * it, once, unless the caller does not want that. *Thread-safe.*
 */
public final class RecordGrpcService extends RecordServiceGrpc.RecordServiceImplBase {
    private final DataPlane plane;
    private final RecordCalls calls;
    private final @Nullable LeaderCalls leaders;

    /** @param leaders the way to other nodes; null for a node without any */
    public RecordGrpcService(DataPlane plane, @Nullable LeaderCalls leaders) {
        this.plane = plane;
        this.calls = new RecordCalls(plane);
        this.leaders = leaders;
    }

    @Override
    public void append(AppendRequest request, StreamObserver<AppendResponse> observer) {
        UnaryAnswers.send(append(request), observer, plane.answers());
    }

    private CompletableFuture<AppendResponse> append(AppendRequest request) {
        LeaderCalls others = leaders;
        PartitionLookup.Topic topic = plane.lookup().topic(request.getTopic());
        boolean forward = !request.hasAllowForward() || request.getAllowForward();
        if (others == null || topic == null || !forward || request.getRecordsCount() == 0) {
            return calls.append(request);
        }
        AppendRequest placed = request.toBuilder()
                .setPartition(calls.partitionOf(request, topic))
                .build();
        int leader = others.elsewhere(topic.id(), placed.getPartition());
        return leader == 0
                ? calls.append(placed)
                : others.append(leader, placed, Context.current().getDeadline());
    }

    @Override
    public void read(ReadRequest request, StreamObserver<ReadResponse> observer) {
        CompletableFuture<ReadResponse> answer = read(request);
        UnaryAnswers.send(answer, observer, plane.answers(), () -> answer.cancel(false));
    }

    private CompletableFuture<ReadResponse> read(ReadRequest request) {
        LeaderCalls others = leaders;
        PartitionLookup.Topic topic = plane.lookup().topic(request.getTopic());
        boolean forward = !request.hasAllowForward() || request.getAllowForward();
        int leader =
                others == null || topic == null || !forward ? 0 : others.elsewhere(topic.id(), request.getPartition());
        return others == null || leader == 0
                ? calls.read(request)
                : others.read(leader, request, Context.current().getDeadline());
    }
}
