// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.replication.link.LinkSettings;
import io.varve.replication.link.NodeIdentity;
import io.varve.replication.link.PeerFrame;
import io.varve.replication.link.PeerLink;
import io.varve.replication.link.PeerLinkPort;
import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rules;
import io.varve.simulation.engine.NetStream;
import io.varve.simulation.engine.Network;
import io.varve.simulation.engine.StreamHandler;
import io.varve.simulation.engine.StreamKind;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;

/** The sending end of the link to one other node, on the simulated network. */
final class LinkEnd implements PeerLinkPort, NodeLoop.Member {
    private final int peer;
    private final NodeServices node;
    private final Network network;
    private final Replicas replicas;
    private final PeerLink link;
    private final Map<PeerStream, NetStream> streams = new EnumMap<>(PeerStream.class);
    private boolean up;

    LinkEnd(
            NodeServices node,
            NodeIdentity self,
            int peer,
            LinkSettings settings,
            Network network,
            Replicas replicas,
            Rules rules) {
        this.peer = peer;
        this.node = node;
        this.network = network;
        this.replicas = replicas;
        this.link = new PeerLink(self, peer, settings, this, rules);
    }

    PeerLink link() {
        return link;
    }

    int peer() {
        return peer;
    }

    boolean isUp() {
        return up;
    }

    void touch() {
        node.loop().touchWire(this);
    }

    void send(PeerStream stream, ReplicaMessage.ToFollower message) {
        touch();
        link.send(stream, message, node.loop().nowNanos());
    }

    void tick(long nowNanos) {
        touch();
        link.tick(nowNanos);
    }

    @Override
    public void endOfTurn(long nowNanos) {
        link.endOfTurn(nowNanos);
    }

    static StreamKind kind(PeerStream stream) {
        return switch (stream) {
            case DATA -> StreamKind.DATA;
            case CATCH_UP -> StreamKind.CATCH_UP;
            case CONTROL -> StreamKind.CONTROL;
        };
    }

    // ---- port

    @Override
    public void connect(PeerStream stream, long streamId) {
        NetStream before = streams.remove(stream);
        if (before != null) {
            before.close();
        }
        StreamHandler handler = new StreamHandler() {
            @Override
            public void onOpen() {
                event("link stream up", now -> link.streamUp(stream, streamId, now));
            }

            @Override
            public void onMessage(Object payload) {
                event("link frame", now -> link.onFrame(stream, streamId, (PeerFrame) payload, now));
            }

            @Override
            public void onReady() {
                event("link writable", now -> link.writable(stream, streamId));
            }

            @Override
            public void onClosed(Closed why) {
                event("link stream down", now -> link.streamDown(stream, streamId, why.name(), now));
            }
        };
        streams.put(stream, network.dial(node.nodeId(), peer, kind(stream), stream, handler));
    }

    private void event(String label, Consumer<Long> event) {
        node.loop().run(() -> {
            touch();
            event.accept(node.loop().nowNanos());
        });
    }

    @Override
    public void write(PeerStream stream, long streamId, PeerFrame frame) {
        NetStream to = streams.get(stream);
        if (to == null) {
            frame.release();
            return;
        }
        to.send(frame);
        if (to.ready()) {
            node.loop().defer(() -> {
                touch();
                link.writable(stream, streamId);
            });
        }
    }

    @Override
    public void disconnect(PeerStream stream, long streamId) {
        NetStream gone = streams.remove(stream);
        if (gone != null) {
            gone.close();
        }
    }

    @Override
    public void deliver(ReplicaMessage.ToLeader message) {
        if (message instanceof ReplicaMessage.Nack nack && nack.code() == NackCode.BUSY) {
            node.countBusy();
        }
        node.loop().defer(() -> {
            HostedReplica replica = replicas.find(message.partition());
            if (replica != null) {
                replica.touch();
                replica.replica().onAnswer(peer, message, node.loop().nowNanos());
            }
        });
    }

    @Override
    public void linkUp() {
        up = true;
        each((replica, now) -> replica.replica().linkUp(peer, now));
    }

    @Override
    public void linkDown(String why) {
        up = false;
        each((replica, now) -> replica.replica().linkDown(peer, now));
    }

    @Override
    public void linkHeard() {
        each((replica, now) -> replica.replica().linkHeard(peer, now));
    }

    @Override
    public void pressed(boolean pressed) {
        if (pressed) {
            node.countPressed();
        }
        each((replica, now) -> replica.replica().linkPressed(peer, pressed));
    }

    private interface ReplicaEvent {
        void on(HostedReplica replica, long nowNanos);
    }

    private void each(ReplicaEvent event) {
        node.loop().defer(() -> {
            long now = node.loop().nowNanos();
            for (HostedReplica replica : replicas.all()) {
                replica.touch();
                event.on(replica, now);
            }
        });
    }
}
