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
import io.varve.proto.v1.InitProducerRequest;
import io.varve.proto.v1.InitProducerResponse;
import io.varve.proto.v1.ProduceResponse;
import io.varve.proto.v1.ProduceServiceGrpc;
import io.varve.transport.BulkMethods;
import io.varve.transport.ProduceBatch;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** {@code varve.v1.ProduceService}. *Thread-safe.* */
public final class ProduceGrpcService implements BindableService, AutoCloseable {
    private final DataPlane plane;
    private final ProducerIds producerIds;
    private final BatchIntake intake;
    private final Set<ProduceStream> streams = ConcurrentHashMap.newKeySet();

    public ProduceGrpcService(DataPlane plane, ProducerIds producerIds) {
        this.plane = plane;
        this.producerIds = producerIds;
        this.intake = new BatchIntake(plane);
    }

    @Override
    public ServerServiceDefinition bindService() {
        ServiceDescriptor generated = ProduceServiceGrpc.getServiceDescriptor();
        MethodDescriptor<ProduceBatch, ProduceResponse> produce =
                BulkMethods.produce(plane.allocator(), plane.limits().maxBatchBytes());
        MethodDescriptor<InitProducerRequest, InitProducerResponse> initProducer =
                ProduceServiceGrpc.getInitProducerMethod();
        ServiceDescriptor service = ServiceDescriptor.newBuilder(generated.getName())
                .setSchemaDescriptor(generated.getSchemaDescriptor())
                .addMethod(produce)
                .addMethod(initProducer)
                .build();
        return ServerServiceDefinition.builder(service)
                .addMethod(produce, this::startStream)
                .addMethod(initProducer, ServerCalls.asyncUnaryCall(this::initProducer))
                .build();
    }

    private ServerCall.Listener<ProduceBatch> startStream(
            ServerCall<ProduceBatch, ProduceResponse> call, Metadata headers) {
        ProduceStream stream = new ProduceStream(call, plane, intake, streams::remove);
        streams.add(stream);
        stream.start();
        return stream;
    }

    private void initProducer(InitProducerRequest request, StreamObserver<InitProducerResponse> observer) {
        CompletableFuture<InitProducerResponse> response = producerIds
                .next()
                .thenApply(id ->
                        InitProducerResponse.newBuilder().setProducerId(id).build());
        UnaryAnswers.send(response, observer, plane.answers(), () -> {});
    }

    /** Streams that clients have open. */
    public int openStreams() {
        return streams.size();
    }

    /** Ends all streams with UNAVAILABLE; batches without a result are INDETERMINATE. */
    @Override
    public void close() {
        streams.forEach(ProduceStream::shutDown);
    }
}
