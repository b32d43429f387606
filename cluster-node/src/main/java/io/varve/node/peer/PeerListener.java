// SPDX-License-Identifier: Apache-2.0
package io.varve.node.peer;

import io.grpc.BindableService;
import io.grpc.Server;
import io.varve.transport.EventLoops;
import io.varve.transport.ServerFactory;
import io.varve.transport.ServerSettings;
import io.varve.transport.ServiceRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The listener on the peer port: for nodes of the same cluster only, never for clients. It listens early, so that other
 * nodes can ask a node that is starting, and services come as parts of the node begin to work. <i>Thread-safe.</i>
 *
 * <p>Every callback of its services runs on the event loop of its connection: nothing here may block.
 */
public final class PeerListener implements AutoCloseable {

    /** Name of the endpoint under which nodes register it. No public listener can be called so. */
    public static final String ENDPOINT = "_peer";

    private static final long CLOSE_SECONDS = 5;

    /** A node calls on behalf of all its clients. */
    private static final int MAX_CALLS = 10_000;

    private final Server server;
    private final ServiceRegistry services;

    private PeerListener(Server server, ServiceRegistry services) {
        this.server = server;
        this.services = services;
    }

    /**
     * Listens from now on, without a service.
     *
     * @param maxMessageBytes the largest payload in a message
     * @throws IOException if the address cannot be bound
     */
    public static PeerListener start(InetSocketAddress address, EventLoops loops, int maxMessageBytes)
            throws IOException {
        ServerSettings standard = ServerSettings.forBatchesUpTo(maxMessageBytes);
        ServerSettings settings = new ServerSettings(
                standard.maxInboundMessageBytes(),
                standard.flowControlWindowBytes(),
                MAX_CALLS,
                standard.maxInboundMetadataBytes(),
                standard.handshakeTimeout(),
                Duration.ofMillis(100),
                standard.keepAlive(),
                standard.maxResetsPerMinute());
        ServiceRegistry services = new ServiceRegistry();
        Server server = new ServerFactory(loops, settings, Runnable::run).create(address, services);
        server.start();
        return new PeerListener(server, services);
    }

    /** From now on the service is there; before, its callers hear UNIMPLEMENTED. */
    public void add(BindableService service) {
        services.add(service.bindService());
    }

    /** That was bound. */
    public int port() {
        return server.getPort();
    }

    /** Ends what is under way, at once: whoever is connected learns that this node is gone. */
    @Override
    public void close() throws InterruptedException {
        server.shutdownNow();
        server.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
}
