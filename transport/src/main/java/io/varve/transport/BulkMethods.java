// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.netty.buffer.ByteBufAllocator;
import io.varve.proto.internal.v1.ExchangeResponse;
import io.varve.proto.internal.v1.PeerServiceGrpc;
import io.varve.proto.v1.ConsumeServiceGrpc;
import io.varve.proto.v1.ProduceResponse;
import io.varve.proto.v1.ProduceServiceGrpc;
import io.varve.proto.v1.SubscribeRequest;
import java.util.Set;

/**
 * The methods that carry records, with marshallers that keep the payload out of protobuf objects. On the wire they are
 * the generated methods of the same names, so clients of other languages use them as they are. *Thread-safe.*
 */
public final class BulkMethods {
    /** Full names of the bulk methods. Their callbacks run on the event loop: they must not block. */
    public static final Set<String> NAMES = Set.of(
            ProduceServiceGrpc.getProduceMethod().getFullMethodName(),
            ConsumeServiceGrpc.getSubscribeMethod().getFullMethodName(),
            PeerServiceGrpc.getExchangeMethod().getFullMethodName());

    /** Bytes that may wait in a stream before it stops being ready; gRPC's own 32 KiB is less than one batch. */
    public static final int ON_READY_THRESHOLD_BYTES = 1 << 20;

    private BulkMethods() {}

    /**
     * @param allocator where parsed payloads come from: exact-size buffers of its preferred kind
     * @param maxBatchBytes a larger batch is refused with MESSAGE_TOO_LARGE before anything is allocated
     */
    public static MethodDescriptor<ProduceBatch, ProduceResponse> produce(
            ByteBufAllocator allocator, int maxBatchBytes) {
        MethodDescriptor<?, ProduceResponse> generated = ProduceServiceGrpc.getProduceMethod();
        return generated.toBuilder(
                        new ProduceBatchMarshaller(new PayloadReader(allocator, maxBatchBytes)),
                        generated.getResponseMarshaller())
                .build();
    }

    /**
     * @param allocator where parsed payloads come from: exact-size buffers of its preferred kind
     * @param maxBatchesBytes a message with more bytes of batches is refused before anything is allocated
     */
    public static MethodDescriptor<SubscribeRequest, SubscribeBatches> subscribe(
            ByteBufAllocator allocator, int maxBatchesBytes) {
        MethodDescriptor<SubscribeRequest, ?> generated = ConsumeServiceGrpc.getSubscribeMethod();
        return generated.toBuilder(
                        generated.getRequestMarshaller(),
                        new SubscribeBatchesMarshaller(new PayloadReader(allocator, maxBatchesBytes)))
                .build();
    }

    /**
     * @param allocator where parsed batches come from, each an exact-size buffer of its preferred kind
     * @param maxPayloadBytes a frame with more bytes of batches is refused before anything is allocated
     */
    public static MethodDescriptor<ExchangeFrame, ExchangeResponse> exchange(
            ByteBufAllocator allocator, int maxPayloadBytes) {
        MethodDescriptor<?, ExchangeResponse> generated = PeerServiceGrpc.getExchangeMethod();
        return generated.toBuilder(
                        new ExchangeMarshaller(new PayloadReader(allocator, maxPayloadBytes), maxPayloadBytes),
                        generated.getResponseMarshaller())
                .build();
    }

    /** What a client opens a bulk stream with. */
    public static CallOptions callOptions() {
        return CallOptions.DEFAULT.withOnReadyThreshold(ON_READY_THRESHOLD_BYTES);
    }
}
