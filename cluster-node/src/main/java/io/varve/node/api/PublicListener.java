// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.varve.transport.ServerFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One way in for clients: the public services, gRPC health by service name, and reflection, behind the interceptor
 * that every call passes. <i>Thread-safe.</i>
 */
public final class PublicListener implements AutoCloseable {

    private static final long CLOSE_SECONDS = 5;

    private final Server server;
    private final HealthStatusManager health;

    private PublicListener(Server server, HealthStatusManager health) {
        this.server = server;
        this.health = health;
    }

    /**
     * Listens from now on.
     *
     * @param name the listener's, which decides about the addresses in metadata answers
     * @throws IOException if the address cannot be bound
     */
    public static PublicListener start(
            String name, InetSocketAddress address, ServiceSet services, ServerFactory factory, CallObserver observer)
            throws IOException {
        List<ServerServiceDefinition> own = services.definitions();
        HealthStatusManager health = new HealthStatusManager();
        CallInterceptor interceptor = new CallInterceptor(
                name,
                Authorizer.ALLOW_ALL,
                own.stream().map(ServerServiceDefinition::getServiceDescriptor).toList(),
                observer);
        List<ServerServiceDefinition> all = new ArrayList<>(own);
        all.addAll(standard(health));
        Server server = factory.create(
                address,
                all.stream()
                        .map(service -> ServerInterceptors.intercept(service, interceptor))
                        .toList());
        server.start();
        own.forEach(service -> health.setStatus(service.getServiceDescriptor().getName(), ServingStatus.SERVING));
        return new PublicListener(server, health);
    }

    @SuppressWarnings("deprecation") // tools of today still ask for v1alpha
    private static List<ServerServiceDefinition> standard(HealthStatusManager health) {
        return List.<BindableService>of(
                        health.getHealthService(),
                        ProtoReflectionServiceV1.newInstance(),
                        ProtoReflectionService.newInstance())
                .stream()
                .map(BindableService::bindService)
                .toList();
    }

    public int port() {
        return server.getPort();
    }

    /** Takes no new calls, and says so to whoever asks for its health. */
    public void drain() {
        health.enterTerminalState();
        server.shutdown();
    }

    /** Waits for calls under way, at most so long. */
    public void awaitIdle(long nanos) throws InterruptedException {
        server.awaitTermination(nanos, TimeUnit.NANOSECONDS);
    }

    /** Ends what is still under way. */
    @Override
    public void close() throws InterruptedException {
        server.shutdownNow();
        server.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
}
