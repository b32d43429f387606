// SPDX-License-Identifier: Apache-2.0
package io.varve.node.peer;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import io.varve.node.config.HostPort;
import io.varve.transport.ChannelFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Channels to the peer ports of other nodes, by node id: made when first asked for, kept, and closed when the node's
 * address changes. Nobody keeps one: it is asked for before each call or stream. <i>Thread-safe.</i>
 *
 * <p>A voter is where {@code quorum.voters} says, because that also holds while the metadata is old or absent; any other
 * node where it registered.
 */
public final class PeerChannels implements AutoCloseable {

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long CLOSE_SECONDS = 2;

    private final ChannelFactory factory;
    private final Map<Integer, HostPort> voters;
    private final Map<Key, Kept> kept = new HashMap<>(); // guarded by this
    private Map<Integer, HostPort> registered = Map.of(); // guarded by this
    private boolean closed; // guarded by this

    /** What a channel carries: each has a connection of its own, so that none waits behind another's bytes. */
    public enum Use {
        /** Calls, heartbeats and metadata: small messages. */
        CALLS,
        DATA,
        CATCH_UP,
        CONTROL
    }

    private record Key(int nodeId, Use use) {}

    private static final class Kept {

        private final HostPort address;
        private final ManagedChannel channel;
        private long hurriedNanos = System.nanoTime();

        Kept(HostPort address, ManagedChannel channel) {
            this.address = address;
            this.channel = channel;
        }
    }

    /** @param voters peer addresses by node id */
    public PeerChannels(ChannelFactory factory, Map<Integer, HostPort> voters) {
        this.factory = factory;
        this.voters = Map.copyOf(voters);
    }

    /** Where nodes registered; to be called with every new image. */
    public void imageChanged(MetadataImage image) {
        List<Kept> moved = new ArrayList<>();
        synchronized (this) {
            Map<Integer, HostPort> now = new HashMap<>();
            for (BrokerImage broker : image.brokers().values()) {
                broker.endpoint(PeerListener.ENDPOINT)
                        .ifPresent(e -> now.put(broker.id(), new HostPort(e.host(), e.port())));
            }
            if (now.equals(registered)) {
                return;
            }
            registered = now;
            kept.entrySet().removeIf(entry -> {
                boolean gone = !entry.getValue()
                        .address
                        .equals(addressOf(entry.getKey().nodeId()));
                if (gone) {
                    moved.add(entry.getValue());
                }
                return gone;
            });
        }
        moved.forEach(old -> old.channel.shutdownNow());
    }

    /** Where the node's peer port is, as far as anybody here knows. */
    public synchronized Optional<HostPort> address(int nodeId) {
        return Optional.ofNullable(addressOf(nodeId));
    }

    private @Nullable HostPort addressOf(int nodeId) {
        HostPort voter = voters.get(nodeId);
        return voter == null ? registered.get(nodeId) : voter;
    }

    /**
     * A channel to this node; absent if nobody knows its address. Who asks again after a failure gets a channel that
     * tries to connect at once, not when gRPC's growing pause is over. Its callbacks run on an event loop.
     */
    public synchronized Optional<ManagedChannel> channel(int nodeId, Use use) {
        HostPort address = addressOf(nodeId);
        if (address == null || closed) {
            return Optional.empty();
        }
        Kept found = kept.computeIfAbsent(
                new Key(nodeId, use), key -> new Kept(address, factory.create(address.host(), address.port())));
        hurry(found);
        return Optional.of(found.channel);
    }

    private static void hurry(Kept found) {
        long now = System.nanoTime();
        if (now - found.hurriedNanos >= RETRY_NANOS
                && found.channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            found.hurriedNanos = now;
            found.channel.resetConnectBackoff();
        }
    }

    /** Ends every call on every channel. */
    @Override
    public void close() throws InterruptedException {
        List<Kept> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(kept.values());
            kept.clear();
        }
        all.forEach(one -> one.channel.shutdownNow());
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
        for (Kept one : all) {
            one.channel.awaitTermination(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
    }
}
