// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import io.varve.replication.InvariantException;
import io.varve.replication.protocol.FollowerPosition;
import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.ReplicaMessage.Open;
import io.varve.replication.protocol.ReplicaMessage.ToFollower;
import io.varve.replication.protocol.Rule;
import io.varve.replication.protocol.Rules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The receiving end of the links of all other nodes. Lets in the newest incarnation of each, hands messages to this node's replicas and brings their
 * answers back on the stream that carried the message. An Open that speaks of metadata which has not arrived waits for it, a while; nothing that a peer
 * says makes a replica (P2). What is for nobody is refused aloud (P11).
 *
 * <p>A stream that its caller has given up on may still bring something, long after there is a newer one: the inbox takes it until the stream is closed,
 * sessions protect the replicas (P7). A pure core: events in, {@link InboxPort} out. Everything is bounded (I26). *Confined* to one loop.
 */
public final class PeerInbox {
    private final InboxSettings settings;
    private final InboxPort port;
    private final Rules rules;
    private final Greetings greetings;
    private final Map<Long, InboundStream> streams = new LinkedHashMap<>(); // oldest first
    private final ParkedOpens parked = new ParkedOpens();
    private final List<InboundStream> talking = new ArrayList<>(); // that have something to say at the end of the turn
    private int ungreeted;

    public PeerInbox(NodeIdentity self, InboxSettings settings, InboxPort port, Rules rules) {
        this.settings = settings;
        this.port = port;
        this.rules = rules;
        this.greetings = new Greetings(self, rules);
    }

    /** This node got a broker epoch. Streams that were greeted under another one are closed. */
    public void registered(long brokerEpoch) {
        if (brokerEpoch != greetings.ownBrokerEpoch()) {
            greetings.registered(brokerEpoch);
            closeAll(true, "this node is registered anew, under broker epoch " + brokerEpoch);
        }
    }

    /** The nodes as the metadata has them now. */
    public void membersChanged(Members members) {
        greetings.membersChanged(members);
    }

    /** Somebody dialled; the first frame must be a Hello. {@code inboundId} is given by the shell and never used again. */
    public void opened(long inboundId, long nowNanos) {
        if (ungreeted >= settings.ungreetedMax()) {
            port.close(inboundId, ungreeted + " streams have not said who they are");
            return;
        }
        InboundStream stream = new InboundStream(inboundId, nowNanos, settings.answersMax(), this::talks);
        if (streams.put(inboundId, stream) != null) {
            throw new InvariantException("inbound stream " + inboundId + " was opened twice");
        }
        ungreeted++;
    }

    private void talks(InboundStream stream) {
        if (!stream.isTalking) {
            stream.isTalking = true;
            talking.add(stream);
        }
    }

    /** The stream is gone: what is still said to it is dropped, and so are its Opens that wait. */
    public void closed(long inboundId) {
        InboundStream stream = streams.get(inboundId);
        if (stream != null) {
            drop(stream);
        }
    }

    private void drop(InboundStream stream) {
        streams.remove(stream.inboundId);
        if (stream.hello == null) {
            ungreeted--;
        }
        greetings.remove(stream);
        stream.close();
        if (parked.size() > 0) {
            parked.takeIf(one -> one.stream() == stream);
        }
    }

    private void close(InboundStream stream, String why) {
        drop(stream);
        port.close(stream.inboundId, why);
    }

    private void closeAll(boolean greetedOnly, String why) {
        for (InboundStream stream : List.copyOf(streams.values())) {
            if (!greetedOnly || stream.hello != null) {
                close(stream, why);
            }
        }
    }

    /** Takes over the frame. */
    public void onFrame(long inboundId, PeerFrame frame, long nowNanos) {
        InboundStream stream = streams.get(inboundId);
        if (stream == null) {
            frame.release();
            return;
        }
        PeerFrame.Hello greeted = stream.hello;
        if (greeted == null && frame instanceof PeerFrame.Hello hello) {
            greet(stream, hello);
        } else if (greeted != null && frame instanceof PeerFrame.Pulse pulse && mayCarry(greeted.kind(), pulse)) {
            stream.pulse(pulse.sentNanos());
            for (ReplicaMessage.Commit commit : pulse.commits()) {
                deliver(stream, greeted.nodeId(), commit, nowNanos);
            }
        } else if (greeted != null
                && greeted.kind() != PeerStream.CONTROL
                && frame instanceof PeerFrame.Messages messages
                && messages.messages().stream().allMatch(ToFollower.class::isInstance)) {
            for (ReplicaMessage message : messages.messages()) {
                arrived(stream, greeted.nodeId(), (ToFollower) message, nowNanos);
            }
        } else {
            frame.release();
            close(stream, "an unexpected " + frame.getClass().getSimpleName() + (greeted == null ? ", no Hello" : ""));
        }
    }

    /** High watermarks never wait behind bulk; a bare sign of life belongs on every stream. */
    private static boolean mayCarry(PeerStream kind, PeerFrame.Pulse pulse) {
        return kind == PeerStream.CONTROL || pulse.commits().isEmpty();
    }

    private void greet(InboundStream stream, PeerFrame.Hello hello) {
        PeerFrame.HelloAnswer answer = greetings.judge(hello);
        port.write(stream.inboundId, answer);
        if (!answer.accepted()) {
            close(stream, answer.verdict() + ": " + answer.detail());
            return;
        }
        stream.hello = hello;
        ungreeted--;
        for (InboundStream other : greetings.add(stream, settings.streamsPerPeerMax())) {
            close(other, "node " + hello.nodeId() + " has newer streams");
        }
    }

    private void arrived(InboundStream stream, int fromNode, ToFollower message, long nowNanos) {
        if (message instanceof Open open) {
            arrivedOpen(stream, fromNode, open, port.appliedMetadataIndex(), nowNanos);
        } else {
            deliver(stream, fromNode, message, nowNanos);
        }
    }

    private void arrivedOpen(InboundStream stream, int fromNode, Open open, long applied, long nowNanos) {
        long own = greetings.ownBrokerEpoch();
        if (open.targetBrokerEpoch() != own && rules.keep(Rule.NO_TARGET_INCARNATION)) { // P7
            String detail = "meant for broker epoch " + open.targetBrokerEpoch() + ", this is " + own;
            refuse(stream, open, NackCode.STALE_INCARNATION, detail);
            return;
        }
        // P2: without the rule a peer's word is enough, and nothing waits for the metadata.
        boolean behind = open.metadataIndex() > applied && rules.keep(Rule.ADOPT_EPOCH_FROM_PEER);
        if (!behind) {
            deliver(stream, fromNode, open, nowNanos);
            return;
        }
        ParkedOpens.Parked other = parked.of(fromNode, open.partition());
        if (other != null && !other.isOlderThan(open)) {
            refuse(
                    stream,
                    open,
                    NackCode.UNKNOWN_SESSION,
                    "session " + other.open().session() + " of broker epoch "
                            + other.open().leaderBrokerEpoch() + " is waiting");
        } else if (other == null && parked.size() >= settings.parkedMax()) {
            refuse(stream, open, NackCode.BUSY, parked.size() + " Opens wait for metadata");
        } else {
            parked.add(new ParkedOpens.Parked(stream, fromNode, open, nowNanos));
            port.metadataWanted(open.metadataIndex());
        }
        if (parked.size() > settings.parkedMax()) {
            throw new InvariantException(
                    parked.size() + " Opens are parked, allowed are " + settings.parkedMax() + " (I26)");
        }
    }

    private void deliver(InboundStream stream, int fromNode, ToFollower message, long nowNanos) {
        if (!port.deliver(fromNode, message, stream, nowNanos)) {
            LaneQueue.release(message);
            refuse(stream, message, NackCode.UNKNOWN_REPLICA, "");
        }
    }

    private void refuse(InboundStream stream, ReplicaMessage message, NackCode code, String detail) {
        stream.reply(new ReplicaMessage.Nack(
                message.partition(),
                message.leaderEpoch(),
                message.session(),
                greetings.ownBrokerEpoch(),
                code,
                FollowerPosition.withoutLog(0),
                detail));
    }

    /** All replicas of this node have taken over the metadata up to here: Opens that waited for it are delivered. */
    public void metadataApplied(long index, long nowNanos) {
        if (parked.size() == 0) {
            return;
        }
        for (ParkedOpens.Parked one : parked.takeIf(each -> each.open().metadataIndex() <= index)) {
            arrivedOpen(one.stream(), one.fromNode(), one.open(), index, nowNanos);
        }
    }

    /** Gives up on what waited for too long; then as {@link #endOfTurn}. */
    public void tick(long nowNanos) {
        for (ParkedOpens.Parked one : parked.takeIf(each -> nowNanos - each.sinceNanos() >= settings.parkNanos())) {
            long applied = port.appliedMetadataIndex();
            if (one.open().metadataIndex() <= applied) {
                arrivedOpen(one.stream(), one.fromNode(), one.open(), applied, nowNanos);
            } else {
                String detail = "metadata of " + one.open().metadataIndex() + " has not arrived, only of " + applied;
                refuse(one.stream(), one.open(), NackCode.UNKNOWN_EPOCH, detail);
            }
        }
        if (ungreeted > 0) {
            for (InboundStream stream : List.copyOf(streams.values())) {
                if (stream.hello == null && nowNanos - stream.openedNanos >= settings.greetingTimeoutNanos()) {
                    close(stream, "no Hello in " + settings.greetingTimeoutNanos() + " ns");
                }
            }
        }
        endOfTurn(nowNanos);
    }

    /** After the events of a turn, and after the replicas' own: writes the answers. */
    public void endOfTurn(long nowNanos) {
        for (InboundStream stream : talking) {
            stream.isTalking = false;
            if (stream.overflowed()) {
                close(stream, "more than " + settings.answersMax() + " answers in a turn");
            } else {
                stream.write(port);
            }
        }
        talking.clear();
    }

    /** Closes every stream. */
    public void stop(String why) {
        closeAll(false, why);
    }

    /** Streams that are open, greeted or not. */
    public int streamCount() {
        return streams.size();
    }

    /** Opens that wait for metadata. */
    public int parkedCount() {
        return parked.size();
    }
}
