// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.varve.proto.v1.ConsumeServiceGrpc;
import io.varve.proto.v1.ListOffsetsRequest;
import io.varve.proto.v1.ListOffsetsResponse;
import io.varve.proto.v1.SubscribeRequest;
import io.varve.transport.BulkMethods;
import io.varve.transport.SubscribeBatches;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** {@code varve.v1.ConsumeService}. *Thread-safe.* */
public final class ConsumeGrpcService implements BindableService, AutoCloseable {
    private final DataPlane plane;
    private final OffsetQueries queries;
    private final Set<SubscribeStream> streams = ConcurrentHashMap.newKeySet();

    public ConsumeGrpcService(DataPlane plane) {
        this.plane = plane;
        this.queries = new OffsetQueries(plane.lookup());
    }

    @Override
    public ServerServiceDefinition bindService() {
        ServiceDescriptor generated = ConsumeServiceGrpc.getServiceDescriptor();
        MethodDescriptor<SubscribeRequest, SubscribeBatches> subscribe =
                BulkMethods.subscribe(plane.allocator(), plane.limits().maxBatchBytes());
        MethodDescriptor<ListOffsetsRequest, ListOffsetsResponse> listOffsets =
                ConsumeServiceGrpc.getListOffsetsMethod();
        ServiceDescriptor service = ServiceDescriptor.newBuilder(generated.getName())
                .setSchemaDescriptor(generated.getSchemaDescriptor())
                .addMethod(subscribe)
                .addMethod(listOffsets)
                .build();
        return ServerServiceDefinition.builder(service)
                .addMethod(subscribe, this::startStream)
                .addMethod(listOffsets, ServerCalls.asyncUnaryCall(this::listOffsets))
                .build();
    }

    private ServerCall.Listener<SubscribeRequest> startStream(
            ServerCall<SubscribeRequest, SubscribeBatches> call, Metadata headers) {
        SubscribeStream stream = new SubscribeStream(call, plane, streams::remove);
        streams.add(stream);
        stream.start();
        return stream;
    }

    private void listOffsets(ListOffsetsRequest request, StreamObserver<ListOffsetsResponse> observer) {
        UnaryAnswers.send(queries.answer(request), observer, plane.answers(), () -> {});
    }

    /** Streams that clients have open. */
    public int openStreams() {
        return streams.size();
    }

    /** Ends all streams with UNAVAILABLE. */
    @Override
    public void close() {
        streams.forEach(SubscribeStream::shutDown);
    }
}
