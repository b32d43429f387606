// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.varve.node.config.HostPort;
import io.varve.proto.internal.v1.ExchangeResponse;
import io.varve.replication.Partition;
import io.varve.replication.PeerDeliveries;
import io.varve.replication.PeerPort.Outgoing;
import io.varve.replication.link.NodeIdentity;
import io.varve.replication.link.PeerFrame;
import io.varve.replication.link.PeerLink;
import io.varve.replication.link.PeerLinkPort;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rules;
import io.varve.transport.ChannelFactory;
import io.varve.transport.ExchangeFrame;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sending end of the link to one other node: a {@link PeerLink} on one network loop, which carries its three
 * connections, too. Methods say where they may be called; the rest is <i>confined to that loop</i>.
 */
final class LinkShell implements PeerLinkPort, DialledStream.Events {

    private static final Logger LOG = LoggerFactory.getLogger(LinkShell.class);

    private static final long TELL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final int peer;
    private final PushWorld world;
    private final PushSettings settings;
    private final ChannelFactory channels;
    private final MethodDescriptor<ExchangeFrame, ExchangeResponse> method;
    private final PeerLink link;
    private final LoopTurns turns;
    private final PeerDeliveries deliveries = new PeerDeliveries();
    private final Map<PeerStream, DialledStream> streams = new EnumMap<>(PeerStream.class);
    private final Set<PeerStream> written = EnumSet.noneOf(PeerStream.class); // since the link heard of their readiness
    private String lastFailure = "";
    private long toldNanos = System.nanoTime() - TELL_NANOS; // that the other node was heard

    LinkShell(
            int peer,
            NodeIdentity self,
            PushWorld world,
            PushSettings settings,
            ChannelFactory channels,
            MethodDescriptor<ExchangeFrame, ExchangeResponse> method) {
        this.peer = peer;
        this.world = world;
        this.settings = settings;
        this.channels = channels;
        this.method = method;
        this.link = new PeerLink(self, peer, settings.link(), this, Rules.ALL);
        this.turns =
                new LoopTurns("link to node " + peer, world.network().workers().next(), this::endOfTurn, this::failed);
    }

    // ---- any thread

    void start() {
        turns.every(settings.tickMillis(), () -> link.tick(System.nanoTime()));
    }

    /** What one turn of a partition loop has for the other node. */
    void send(List<Outgoing> messages) {
        turns.post(() -> {
            long now = System.nanoTime();
            for (Outgoing each : messages) {
                link.send(each.stream(), each.message(), now);
            }
        });
    }

    void registered(long brokerEpoch) {
        turns.post(() -> link.registered(brokerEpoch, System.nanoTime()));
    }

    void targetChanged(OptionalLong brokerEpoch) {
        turns.post(() -> link.targetChanged(brokerEpoch, System.nanoTime()));
    }

    /** Completes when every stream has ended. */
    CompletableFuture<Void> stop(String why) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        turns.post(() -> {
            turns.stopTimers();
            link.stop(why, System.nanoTime());
            done.complete(null);
        });
        return done;
    }

    CompletableFuture<LinkView> view() {
        CompletableFuture<LinkView> view = new CompletableFuture<>();
        turns.post(() -> view.complete(new LinkView(
                peer,
                link.isUp(),
                lastFailure,
                link.queuedBytes(),
                link.inFlightBytes(PeerStream.DATA),
                link.inFlightBytes(PeerStream.CATCH_UP))));
        return view;
    }

    // ---- turns

    /** Whatever broke, it belongs to this attempt: the link and all its sessions begin anew. */
    private void failed(Throwable cause) {
        streams.values().stream().findFirst().ifPresent(any -> {
            try {
                link.streamDown(any.kind, any.id, "an event failed: " + cause, System.nanoTime());
            } catch (RuntimeException e) {
                LOG.error("the link to node {} cannot be ended", peer, e);
            }
        });
    }

    private void endOfTurn() {
        long now = System.nanoTime();
        link.endOfTurn(now);
        while (tellReadiness()) {
            link.endOfTurn(now);
        }
        deliveries.flush();
    }

    /** Whether a stream that was written to takes more; one that does not will say so by itself. */
    private boolean tellReadiness() {
        boolean any = false;
        for (PeerStream kind : PeerStream.values()) {
            if (written.remove(kind)) {
                DialledStream stream = streams.get(kind);
                if (stream != null && stream.isReady()) {
                    link.writable(kind, stream.id);
                    any = true;
                }
            }
        }
        return any;
    }

    // ---- the streams' events

    @Override
    public void onReady(DialledStream stream) {
        link.streamUp(stream.kind, stream.id, System.nanoTime()); // the first time; later nobody waits for it
        link.writable(stream.kind, stream.id);
    }

    @Override
    public void onFrame(DialledStream stream, PeerFrame frame) {
        link.onFrame(stream.kind, stream.id, frame, System.nanoTime());
    }

    @Override
    public void onEnded(DialledStream stream, String why) {
        if (!why.equals(lastFailure)) {
            LOG.info("the {} stream to node {} ended: {}", stream.kind, peer, why);
        }
        lastFailure = why;
        link.streamDown(stream.kind, stream.id, why, System.nanoTime());
    }

    // ---- the link's port

    @Override
    public void connect(PeerStream kind, long streamId) {
        disconnect(kind);
        Optional<HostPort> address = world.addresses().find(peer);
        if (address.isEmpty()) {
            turns.post(() -> link.streamDown(kind, streamId, "its address is not known", System.nanoTime()));
            return;
        }
        ManagedChannel channel =
                channels.create(address.get().host(), address.get().port(), turns.loop());
        DialledStream stream = new DialledStream(kind, streamId, channel, turns, this);
        streams.put(kind, stream);
        stream.open(method, settings.framesAhead());
    }

    @Override
    public void write(PeerStream kind, long streamId, PeerFrame frame) {
        DialledStream stream = streams.get(kind);
        if (stream == null || stream.id != streamId) {
            frame.release();
            return;
        }
        stream.write(frame);
        written.add(kind);
    }

    @Override
    public void disconnect(PeerStream kind, long streamId) {
        disconnect(kind);
    }

    private void disconnect(PeerStream kind) {
        DialledStream gone = streams.remove(kind);
        if (gone != null) {
            gone.end();
        }
    }

    @Override
    public void deliver(ReplicaMessage.ToLeader message) {
        Partition partition = world.replicas().find(message.partition());
        if (partition != null) {
            deliveries.answer(partition, peer, message);
        }
    }

    @Override
    public void linkUp() {
        lastFailure = "";
        LOG.info("the link to node {} is up", peer);
        deliveries.flush();
        world.loops().linkUp(peer);
    }

    @Override
    public void linkDown(String why) {
        LOG.warn("the link to node {} is down: {}", peer, why);
        deliveries.flush();
        world.loops().linkDown(peer);
    }

    /** Under load every few milliseconds, and every led replica is to know: more often than this helps nobody. */
    @Override
    public void linkHeard() {
        deliveries.flush();
        long now = System.nanoTime();
        if (now - toldNanos >= TELL_NANOS) {
            toldNanos = now;
            world.loops().linkHeard(peer);
        }
    }

    @Override
    public void pressed(boolean pressed) {
        deliveries.flush();
        world.loops().linkPressed(peer, pressed);
    }
}
