// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.varve.node.api.Authorizer;
import io.varve.node.api.CallInterceptor;
import io.varve.node.config.HostPort;
import io.varve.node.config.ListenerConfig;
import io.varve.node.config.NodeConfig;
import io.varve.transport.ServerFactory;
import io.varve.transport.ServerSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The public listeners: from here on clients are answered. */
final class ListenersStep implements NodeStep {

    /** Calls under way may finish within this time at shutdown. */
    private static final long DRAIN_MILLIS = 200;

    private static final long CLOSE_SECONDS = 5;

    private final NodeConfig config;
    private final AddressesStep addresses;
    private final ThreadsStep threads;
    private final ServicesStep services;
    private final HealthStatusManager health = new HealthStatusManager();
    private final Map<ListenerConfig, Server> servers = new LinkedHashMap<>();

    ListenersStep(NodeConfig config, AddressesStep addresses, ThreadsStep threads, ServicesStep services) {
        this.config = config;
        this.addresses = addresses;
        this.threads = threads;
        this.services = services;
    }

    @Override
    public String name() {
        return "listeners";
    }

    @Override
    public void start() throws StartFailure {
        List<ServerServiceDefinition> own = services.definitions();
        ServerFactory factory = new ServerFactory(
                threads.network(), ServerSettings.forBatchesUpTo(config.memory().maxBatchBytes()), threads.calls());
        for (ListenerConfig listener : addresses.listeners()) {
            String setting = "listeners." + listener.name();
            Server server =
                    factory.create(Addresses.resolve(setting, listener.bind()), intercepted(listener.name(), own));
            try {
                servers.put(listener, server.start());
            } catch (IOException e) {
                throw Addresses.failure(setting, listener.bind(), e);
            }
        }
        own.forEach(service -> health.setStatus(service.getServiceDescriptor().getName(), ServingStatus.SERVING));
    }

    /** Where each listener listens, for people. */
    String describe() {
        List<String> all = new ArrayList<>();
        servers.forEach((listener, server) ->
                all.add(listener.name() + " " + listener.bind().withPort(server.getPort())));
        return String.join(" ", all);
    }

    HostPort bound(String listenerName) {
        for (Map.Entry<ListenerConfig, Server> entry : servers.entrySet()) {
            if (entry.getKey().name().equals(listenerName)) {
                return entry.getKey().bind().withPort(entry.getValue().getPort());
            }
        }
        throw new IllegalArgumentException("no listener is called " + listenerName);
    }

    @Override
    public void stop() throws InterruptedException {
        health.enterTerminalState();
        servers.values().forEach(Server::shutdown);
        services.endStreams();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DRAIN_MILLIS);
        for (Server server : servers.values()) {
            server.awaitTermination(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
        servers.values().forEach(Server::shutdownNow);
        for (Server server : servers.values()) {
            server.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        }
    }

    @SuppressWarnings("deprecation") // tools of today still ask for v1alpha
    private List<ServerServiceDefinition> intercepted(String listener, List<ServerServiceDefinition> own) {
        List<ServerServiceDefinition> all = new ArrayList<>(own);
        for (BindableService standard : List.of(
                health.getHealthService(),
                ProtoReflectionServiceV1.newInstance(),
                ProtoReflectionService.newInstance())) {
            all.add(standard.bindService());
        }
        CallInterceptor interceptor = new CallInterceptor(
                listener,
                Authorizer.ALLOW_ALL,
                own.stream().map(ServerServiceDefinition::getServiceDescriptor).toList());
        return all.stream()
                .map(service -> ServerInterceptors.intercept(service, interceptor))
                .toList();
    }
}
