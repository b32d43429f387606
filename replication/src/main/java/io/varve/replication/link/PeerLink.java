// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import io.varve.replication.protocol.FollowerPosition;
import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rule;
import io.varve.replication.protocol.Rules;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The sending end of a link to one other node: three streams, which are up together or not at all. It is dialled while both nodes have a broker epoch, and
 * is up when all three streams have been greeted by the incarnation that the metadata knows (P7). The end of any stream ends the link: what waits is
 * released, the leaders hear of it once, and after a backoff, which doubles until the link has shown life, it is dialled again.
 *
 * <p>A pure core: events in, {@link PeerLinkPort} out. Frames of bulk are written in {@link #endOfTurn} only, so that a turn's messages share frames.
 * Everything is bounded (I26): what exceeds the queue is answered BUSY on behalf of the other node. *Confined* to one loop.
 */
public final class PeerLink {
    private static final PeerStream[] KINDS = PeerStream.values();
    private static final PeerStream[] BULK = {PeerStream.DATA, PeerStream.CATCH_UP};

    private final NodeIdentity self;
    private final int peerNodeId;
    private final LinkSettings settings;
    private final PeerLinkPort port;
    private final Rules rules;
    private final OutboundStream[] streams = new OutboundStream[KINDS.length];
    private final LaneQueue[] queues = new LaneQueue[BULK.length];
    private final PulseLine pulses;
    private long ownBrokerEpoch = -1;
    private long targetBrokerEpoch = -1;
    private @Nullable UUID peerIncarnation; // of the attempt that is under way, or up
    private long lastStreamId;
    private long nextAttemptNanos;
    private long attemptNanos;
    private int failures;
    private boolean up;
    private boolean pressed;
    private boolean stopped;

    public PeerLink(NodeIdentity self, int peerNodeId, LinkSettings settings, PeerLinkPort port, Rules rules) {
        this.self = self;
        this.peerNodeId = peerNodeId;
        this.settings = settings;
        this.port = port;
        this.rules = rules;
        for (PeerStream kind : KINDS) {
            streams[kind.ordinal()] = new OutboundStream(kind);
        }
        for (PeerStream kind : BULK) {
            queues[kind.ordinal()] = new LaneQueue(settings.limits());
        }
        pulses = new PulseLine(settings.times());
    }

    /** This node got a broker epoch, by which it greets from now on. */
    public void registered(long brokerEpoch, long nowNanos) {
        if (brokerEpoch != ownBrokerEpoch) {
            ownBrokerEpoch = brokerEpoch;
            startOver("this node is registered anew, under broker epoch " + brokerEpoch, nowNanos);
        }
    }

    /** Under which broker epoch the metadata has the other node; empty if it has not. */
    public void targetChanged(OptionalLong brokerEpoch, long nowNanos) {
        long target = brokerEpoch.orElse(-1);
        if (target != targetBrokerEpoch) {
            targetBrokerEpoch = target;
            if (up && target >= 0 && !rules.keep(Rule.NO_TARGET_INCARNATION)) { // P7
                return;
            }
            startOver(
                    target < 0
                            ? "node " + peerNodeId + " is not registered"
                            : "node " + peerNodeId + " is registered anew, under broker epoch " + target,
                    nowNanos);
        }
    }

    private void startOver(String why, long nowNanos) {
        end(why, nowNanos);
        failures = 0;
        nextAttemptNanos = nowNanos;
        connect(nowNanos);
    }

    private void connect(long nowNanos) {
        boolean wanted = !stopped && ownBrokerEpoch >= 0 && targetBrokerEpoch >= 0;
        if (!wanted || streams[0].state != StreamState.DOWN || nowNanos - nextAttemptNanos < 0) {
            return;
        }
        attemptNanos = nowNanos;
        for (OutboundStream stream : streams) {
            stream.begin(++lastStreamId);
            port.connect(stream.kind, stream.streamId);
        }
    }

    /** The stream is connected; nothing has been said on it. */
    public void streamUp(PeerStream kind, long streamId, long nowNanos) {
        OutboundStream stream = streams[kind.ordinal()];
        if (!stream.isAt(streamId, StreamState.CONNECTING)) {
            return;
        }
        stream.state = StreamState.GREETING;
        write(
                stream,
                new PeerFrame.Hello(
                        self.clusterId(),
                        self.nodeId(),
                        ownBrokerEpoch,
                        self.incarnation(),
                        self.versions(),
                        streamId,
                        kind,
                        new PeerFrame.Target(peerNodeId, targetBrokerEpoch)),
                0);
    }

    /** The stream, or the attempt, failed or was closed by the other end. */
    public void streamDown(PeerStream kind, long streamId, String why, long nowNanos) {
        if (streams[kind.ordinal()].isCurrent(streamId)) {
            end("the stream " + kind + " to node " + peerNodeId + " ended: " + why, nowNanos);
        }
    }

    /** The transport has written what it was given, or nearly: it takes more. */
    public void writable(PeerStream kind, long streamId) {
        OutboundStream stream = streams[kind.ordinal()];
        if (stream.isCurrent(streamId)) {
            stream.aheadBytes = 0;
        }
    }

    /**
     * A leader's message; takes over its chunks. Dropped if the link is not up. An Open voids what waits of earlier sessions of its partition (P7): that is
     * not sent any more.
     */
    public void send(PeerStream kind, ReplicaMessage.ToFollower message, long nowNanos) {
        boolean isCommit = message instanceof ReplicaMessage.Commit;
        if (isCommit != (kind == PeerStream.CONTROL)) {
            LaneQueue.release(message);
            throw new IllegalArgumentException("a " + message.getClass().getSimpleName() + " does not go on " + kind);
        }
        if (!up) {
            LaneQueue.release(message);
            return;
        }
        if (message instanceof ReplicaMessage.Open open) {
            for (LaneQueue queue : queues) {
                queue.dropSessionsBelow(open.partition(), open.session());
            }
            pulses.dropSessionsBelow(open.partition(), open.session());
        }
        LinkSettings.Limits limits = settings.limits();
        if (queuedMessages() >= limits.queueMaxMessages()
                || queuedBytes() + LaneQueue.costBytes(message) > limits.queueMaxBytes()) {
            refuse(message);
        } else if (message instanceof ReplicaMessage.Commit commit) {
            pulses.add(commit);
        } else {
            queues[kind.ordinal()].add(message);
        }
        if (!pressed && queuedBytes() >= limits.queueHighBytes()) {
            pressed = true;
            port.pressed(true);
        }
    }

    /** The leader must not wait for what will not be sent. */
    private void refuse(ReplicaMessage.ToFollower message) {
        LaneQueue.release(message);
        port.deliver(new ReplicaMessage.Nack(
                message.partition(),
                message.leaderEpoch(),
                message.session(),
                targetBrokerEpoch,
                NackCode.BUSY,
                FollowerPosition.withoutLog(message.leaderEpoch()),
                queuedMessages() + " messages, " + queuedBytes() + " bytes, wait for the link to node " + peerNodeId));
    }

    /** Takes over the frame. One of an earlier attempt is dropped. */
    public void onFrame(PeerStream kind, long streamId, PeerFrame frame, long nowNanos) {
        OutboundStream stream = streams[kind.ordinal()];
        if (!stream.isCurrent(streamId)) {
            frame.release();
        } else if (stream.state == StreamState.GREETING && frame instanceof PeerFrame.HelloAnswer answer) {
            greeted(stream, answer, nowNanos);
        } else if (stream.state == StreamState.UP && frame instanceof PeerFrame.PulseAnswer answer) {
            pulseAnswered(stream, answer);
        } else if (stream.state == StreamState.UP
                && frame instanceof PeerFrame.Messages messages
                && messages.messages().stream().allMatch(ReplicaMessage.ToLeader.class::isInstance)) {
            messages.messages().forEach(message -> answered(kind, (ReplicaMessage.ToLeader) message));
        } else {
            frame.release();
            end(
                    "node " + peerNodeId + " said " + frame.getClass().getSimpleName() + " on " + kind
                            + " while it was " + stream.state,
                    nowNanos);
        }
    }

    private void pulseAnswered(OutboundStream stream, PeerFrame.PulseAnswer answer) {
        if (stream.kind != PeerStream.CONTROL) {
            stream.isProbed &= stream.probeNanos != answer.sentNanos();
            return;
        }
        pulses.answered(answer.sentNanos());
        failures = 0;
        if (up) {
            port.linkHeard();
        }
    }

    private void greeted(OutboundStream stream, PeerFrame.HelloAnswer answer, long nowNanos) {
        boolean expected = answer.brokerEpoch() == targetBrokerEpoch || !rules.keep(Rule.NO_TARGET_INCARNATION); // P7
        boolean same = peerIncarnation == null || peerIncarnation.equals(answer.incarnation());
        if (!answer.accepted()) {
            end("node " + peerNodeId + " refused: " + answer.verdict() + ", " + answer.detail(), nowNanos);
        } else if (!expected || !same) {
            end(
                    "node " + peerNodeId + " answered as incarnation " + answer.incarnation() + " of broker epoch "
                            + answer.brokerEpoch() + "; expected were " + peerIncarnation + " and "
                            + targetBrokerEpoch,
                    nowNanos);
        } else {
            peerIncarnation = answer.incarnation();
            stream.state = StreamState.UP;
            up = true;
            for (OutboundStream each : streams) {
                up &= each.state == StreamState.UP;
            }
            if (up) {
                pulses.start(nowNanos);
                for (OutboundStream each : streams) {
                    each.probeNanos = nowNanos - settings.times().pulseNanos();
                }
                port.linkUp();
            }
        }
    }

    private void answered(PeerStream kind, ReplicaMessage.ToLeader answer) {
        if (up) {
            for (PeerStream bulk : BULK) {
                queues[bulk.ordinal()].answered(answer, bulk == kind);
            }
            port.deliver(answer);
        }
    }

    /** Dials, and ends what has been silent for too long; then as {@link #endOfTurn}. */
    public void tick(long nowNanos) {
        LinkSettings.Times times = settings.times();
        boolean greeting = !up && streams[0].state != StreamState.DOWN;
        if (greeting && nowNanos - attemptNanos >= times.greetingTimeoutNanos()) {
            end(
                    "node " + peerNodeId + " did not connect and greet in " + times.greetingTimeoutNanos() + " ns",
                    nowNanos);
        } else if (up && pulses.isOverdue(nowNanos)) {
            end("node " + peerNodeId + " answered no pulse for " + times.pulseTimeoutNanos() + " ns", nowNanos);
        }
        for (PeerStream kind : BULK) {
            OutboundStream stream = streams[kind.ordinal()];
            if (up && stream.isProbed && nowNanos - stream.probeNanos >= times.bulkTimeoutNanos()) {
                end(
                        "node " + peerNodeId + " answered no pulse on " + kind + " for " + times.bulkTimeoutNanos()
                                + " ns",
                        nowNanos);
            }
        }
        connect(nowNanos);
        endOfTurn(nowNanos);
    }

    /** After the events of a turn, and after the replicas' own: writes what may be written. */
    public void endOfTurn(long nowNanos) {
        if (!up) {
            return;
        }
        OutboundStream control = streams[PeerStream.CONTROL.ordinal()];
        for (PeerFrame.Pulse pulse = pulses.take(nowNanos); pulse != null; pulse = pulses.take(nowNanos)) {
            write(control, pulse, 0);
        }
        for (PeerStream kind : BULK) {
            probe(streams[kind.ordinal()], nowNanos);
            writeBulk(streams[kind.ordinal()], queues[kind.ordinal()]);
        }
        if (pressed && queuedBytes() <= settings.limits().queueLowBytes()) {
            pressed = false;
            port.pressed(false);
        }
    }

    /** Each stream is a connection of its own, which may be half open while the others are well. */
    private void probe(OutboundStream stream, long nowNanos) {
        if (!stream.isProbed && nowNanos - stream.probeNanos >= settings.times().pulseNanos()) {
            stream.isProbed = true;
            stream.probeNanos = nowNanos;
            write(stream, new PeerFrame.Pulse(nowNanos, List.of()), 0);
        }
    }

    private void writeBulk(OutboundStream stream, LaneQueue queue) {
        while (stream.aheadBytes < settings.limits().frameBytes()) {
            List<ReplicaMessage.ToFollower> messages = queue.take();
            if (messages.isEmpty()) {
                return;
            }
            long bytes = 0;
            for (ReplicaMessage.ToFollower message : messages) {
                bytes += LaneQueue.costBytes(message);
            }
            write(stream, new PeerFrame.Messages(messages), bytes);
        }
    }

    private void write(OutboundStream stream, PeerFrame frame, long bytes) {
        stream.aheadBytes += bytes;
        port.write(stream.kind, stream.streamId, frame);
    }

    private void end(String why, long nowNanos) {
        boolean dialled = false;
        for (OutboundStream stream : streams) {
            if (stream.state != StreamState.DOWN) {
                dialled = true;
                stream.state = StreamState.DOWN;
                port.disconnect(stream.kind, stream.streamId);
            }
        }
        for (LaneQueue queue : queues) {
            queue.clear();
        }
        pulses.clear();
        peerIncarnation = null;
        pressed = false;
        if (dialled) {
            nextAttemptNanos = nowNanos + backoffNanos();
            failures++;
        }
        if (up) {
            up = false;
            port.linkDown(why);
        }
    }

    private long backoffNanos() {
        LinkSettings.Times times = settings.times();
        long backoff = times.backoffMinNanos();
        for (int i = 0; i < failures && backoff < times.backoffMaxNanos(); i++) {
            backoff *= 2;
        }
        return Math.min(backoff, times.backoffMaxNanos()) + times.jitterNanos();
    }

    /** Ends everything; the link does not come up again. */
    public void stop(String why, long nowNanos) {
        stopped = true;
        end(why, nowNanos);
    }

    public boolean isUp() {
        return up;
    }

    /** Of one stream. */
    public StreamState state(PeerStream kind) {
        return streams[kind.ordinal()].state;
    }

    /** That wait here, with an overhead for each message. */
    public long queuedBytes() {
        return queues[0].queuedBytes() + queues[1].queuedBytes();
    }

    public int queuedMessages() {
        return queues[0].queuedMessages() + queues[1].queuedMessages() + pulses.waiting();
    }

    /** Handed to the transport of a bulk stream and not answered yet. */
    public long inFlightBytes(PeerStream kind) {
        return kind == PeerStream.CONTROL ? 0 : queues[kind.ordinal()].inFlightBytes();
    }
}
