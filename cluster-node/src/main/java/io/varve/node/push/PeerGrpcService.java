// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.varve.proto.internal.v1.ExchangeResponse;
import io.varve.proto.internal.v1.PeerServiceGrpc;
import io.varve.transport.ExchangeFrame;

/** {@code varve.internal.v1.PeerService}. <i>Thread-safe.</i> */
final class PeerGrpcService implements BindableService {

    private final MethodDescriptor<ExchangeFrame, ExchangeResponse> method;
    private final InboxShell inbox;

    PeerGrpcService(MethodDescriptor<ExchangeFrame, ExchangeResponse> method, InboxShell inbox) {
        this.method = method;
        this.inbox = inbox;
    }

    @Override
    public ServerServiceDefinition bindService() {
        ServiceDescriptor generated = PeerServiceGrpc.getServiceDescriptor();
        ServiceDescriptor service = ServiceDescriptor.newBuilder(generated.getName())
                .setSchemaDescriptor(generated.getSchemaDescriptor())
                .addMethod(method)
                .build();
        return ServerServiceDefinition.builder(service)
                .addMethod(method, (call, headers) -> inbox.accept(call))
                .build();
    }
}
