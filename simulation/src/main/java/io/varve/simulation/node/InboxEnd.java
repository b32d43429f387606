// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.replication.link.InboxPort;
import io.varve.replication.link.InboxSettings;
import io.varve.replication.link.NodeIdentity;
import io.varve.replication.link.PeerFrame;
import io.varve.replication.link.PeerInbox;
import io.varve.replication.protocol.PeerReplies;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rules;
import io.varve.simulation.engine.NetStream;
import io.varve.simulation.engine.StreamHandler;
import java.util.Map;
import java.util.TreeMap;

/** The receiving end of the links of all other nodes, on the simulated network. */
final class InboxEnd implements InboxPort, NodeLoop.Member {
    private final NodeServices node;
    private final Replicas replicas;
    private final PeerInbox inbox;
    private final Map<Long, NetStream> streams = new TreeMap<>();
    private long inboundIds;

    InboxEnd(NodeServices node, NodeIdentity self, InboxSettings settings, Replicas replicas, Rules rules) {
        this.node = node;
        this.replicas = replicas;
        this.inbox = new PeerInbox(self, settings, this, rules);
    }

    PeerInbox inbox() {
        return inbox;
    }

    void touch() {
        node.loop().touchWire(this);
    }

    @Override
    public void endOfTurn(long nowNanos) {
        inbox.endOfTurn(nowNanos);
    }

    void tick(long nowNanos) {
        touch();
        inbox.tick(nowNanos);
    }

    /** Somebody dialled. */
    StreamHandler accept(NetStream stream) {
        long id = ++inboundIds;
        streams.put(id, stream);
        node.loop().run(() -> {
            touch();
            inbox.opened(id, node.loop().nowNanos());
        });
        return new StreamHandler() {
            @Override
            public void onMessage(Object payload) {
                node.loop().run(() -> {
                    touch();
                    inbox.onFrame(id, (PeerFrame) payload, node.loop().nowNanos());
                });
            }

            @Override
            public void onClosed(Closed why) {
                streams.remove(id);
                node.loop().run(() -> {
                    touch();
                    inbox.closed(id);
                });
            }
        };
    }

    @Override
    public boolean deliver(int fromNode, ReplicaMessage.ToFollower message, PeerReplies replies, long nowNanos) {
        HostedReplica replica = replicas.find(message.partition());
        if (replica == null) {
            return false;
        }
        node.loop().defer(() -> {
            replica.touch();
            replica.replica()
                    .onMessage(
                            fromNode,
                            message,
                            answer -> {
                                touch();
                                replies.reply(answer);
                            },
                            node.loop().nowNanos(),
                            node.loop().nowMillis());
        });
        return true;
    }

    @Override
    public long appliedMetadataIndex() {
        return node.appliedMetadataIndex();
    }

    @Override
    public void metadataWanted(long index) {
        node.metadataWanted();
    }

    @Override
    public void write(long inboundId, PeerFrame frame) {
        NetStream to = streams.get(inboundId);
        if (to == null) {
            frame.release();
        } else {
            to.send(frame);
        }
    }

    @Override
    public void close(long inboundId, String why) {
        NetStream gone = streams.remove(inboundId);
        if (gone != null) {
            gone.close();
        }
    }
}
