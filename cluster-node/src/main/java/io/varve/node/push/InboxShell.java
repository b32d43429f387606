// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.varve.proto.internal.v1.ExchangeResponse;
import io.varve.replication.Partition;
import io.varve.replication.PeerDeliveries;
import io.varve.replication.PeerPort.Answer;
import io.varve.replication.link.InboxPort;
import io.varve.replication.link.NodeIdentity;
import io.varve.replication.link.PeerFrame;
import io.varve.replication.link.PeerInbox;
import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.PeerReplies;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rules;
import io.varve.transport.ExchangeFrame;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The receiving end of the links of all other nodes: a {@link PeerInbox} on one network loop. Methods say where they may
 * be called; the rest is <i>confined to that loop</i>.
 */
final class InboxShell implements InboxPort {

    private static final Logger LOG = LoggerFactory.getLogger(InboxShell.class);

    private final PushWorld world;
    private final PushSettings settings;
    private final PeerInbox inbox;
    private final LoopTurns turns;
    private final PeerDeliveries deliveries = new PeerDeliveries();
    private final Map<Long, InboundCall> calls = new HashMap<>();
    private final AtomicLong lastId = new AtomicLong();
    private boolean stopped;

    InboxShell(NodeIdentity self, PushWorld world, PushSettings settings) {
        this.world = world;
        this.settings = settings;
        this.inbox = new PeerInbox(self, settings.inbox(), this, Rules.ALL);
        this.turns = new LoopTurns("inbox", world.network().workers().next(), this::endOfTurn, cause -> {});
    }

    // ---- any thread

    void start() {
        turns.every(settings.tickMillis(), () -> inbox.tick(System.nanoTime()));
    }

    /** Somebody dialled. */
    InboundCall accept(ServerCall<ExchangeFrame, ExchangeResponse> call) {
        InboundCall stream = new InboundCall(lastId.incrementAndGet(), call, this);
        call.sendHeaders(new Metadata());
        call.request(settings.framesAhead());
        turns.post(() -> opened(stream)); // from here on the inbox may end it at any moment
        return stream;
    }

    void arrived(InboundCall stream, PeerFrame frame) {
        turns.post(() -> take(stream, frame));
    }

    private void take(InboundCall stream, PeerFrame frame) {
        try {
            inbox.onFrame(stream.id, frame, System.nanoTime());
            stream.taken();
        } catch (RuntimeException broken) { // whatever it was, it belongs to this stream
            LOG.error("inbound stream {}: a frame could not be taken", stream.id, broken);
            inbox.closed(stream.id);
            calls.remove(stream.id);
            stream.end(Status.INTERNAL.withDescription("a frame could not be taken"));
        }
    }

    void gone(InboundCall stream) {
        turns.post(() -> {
            if (calls.remove(stream.id) != null) {
                inbox.closed(stream.id);
                stream.end(Status.CANCELLED);
            }
        });
    }

    /** What one turn of a partition loop has to answer. */
    void answer(List<Answer> answers) {
        turns.post(() -> answers.forEach(Answer::deliver));
    }

    void registered(long brokerEpoch) {
        turns.post(() -> inbox.registered(brokerEpoch));
    }

    void imageApplied(Members members) {
        turns.post(() -> {
            inbox.membersChanged(members);
            inbox.metadataApplied(members.metadataIndex(), System.nanoTime());
        });
    }

    /** Completes when every stream has ended. */
    CompletableFuture<Void> stop(String why) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        turns.post(() -> {
            stopped = true;
            turns.stopTimers();
            inbox.stop(why);
            done.complete(null);
        });
        return done;
    }

    CompletableFuture<Integer> streamCount() {
        CompletableFuture<Integer> count = new CompletableFuture<>();
        turns.post(() -> count.complete(inbox.streamCount()));
        return count;
    }

    // ---- turns

    private void opened(InboundCall stream) {
        if (stopped) {
            stream.end(Status.UNAVAILABLE.withDescription("this node takes no replication any more"));
            return;
        }
        calls.put(stream.id, stream);
        inbox.opened(stream.id, System.nanoTime());
    }

    private void endOfTurn() {
        inbox.endOfTurn(System.nanoTime());
        deliveries.flush();
    }

    // ---- the inbox's port

    @Override
    public boolean deliver(int fromNode, ReplicaMessage.ToFollower message, PeerReplies replies, long nowNanos) {
        Partition partition = world.replicas().find(message.partition());
        if (partition == null) {
            return false;
        }
        deliveries.message(partition, fromNode, message, replies);
        return true;
    }

    @Override
    public long appliedMetadataIndex() {
        return world.metadata().appliedIndex();
    }

    @Override
    public void metadataWanted(long index) {
        world.metadata().wanted(index);
    }

    @Override
    public void write(long inboundId, PeerFrame frame) {
        InboundCall stream = calls.get(inboundId);
        if (stream != null) {
            stream.write(frame);
        }
    }

    @Override
    public void close(long inboundId, String why) {
        InboundCall gone = calls.remove(inboundId);
        if (gone != null) {
            LOG.info("inbound stream {} ended: {}", inboundId, why);
            gone.end(Status.ABORTED.withDescription(why));
        }
    }
}
