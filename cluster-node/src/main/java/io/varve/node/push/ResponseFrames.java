// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import io.varve.proto.Uuids;
import io.varve.proto.internal.v1.EpochStart;
import io.varve.proto.internal.v1.ExchangeResponse;
import io.varve.proto.internal.v1.LeaderMessage;
import io.varve.replication.link.HelloVerdict;
import io.varve.replication.link.PeerFrame;
import io.varve.replication.protocol.EpochPage;
import io.varve.replication.protocol.FollowerPosition;
import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.ReplicaMessage.Ack;
import io.varve.replication.protocol.ReplicaMessage.Nack;
import io.varve.replication.protocol.ReplicaMessage.State;
import io.varve.replication.protocol.ReplicaMessage.ToLeader;
import io.varve.storage.EpochEntry;
import io.varve.storage.LogId;
import java.util.ArrayList;
import java.util.List;

/** Frames from followers to leaders, to and from the words of the protocol. <i>Thread-safe.</i> */
final class ResponseFrames {

    private ResponseFrames() {}

    static ExchangeResponse encode(PeerFrame frame) {
        ExchangeResponse.Builder response = ExchangeResponse.newBuilder();
        if (frame instanceof PeerFrame.Messages messages) {
            for (ReplicaMessage message : messages.messages()) {
                response.addMessages(message((ToLeader) message));
            }
        } else if (frame instanceof PeerFrame.PulseAnswer pulse) {
            response.setPulse(
                    io.varve.proto.internal.v1.PulseAnswer.newBuilder().setSentNanos(pulse.sentNanos()));
        } else if (frame instanceof PeerFrame.HelloAnswer answer) {
            response.setHello(io.varve.proto.internal.v1.HelloAnswer.newBuilder()
                    .setVerdictValue(1 + answer.verdict().ordinal())
                    .setDetail(answer.detail())
                    .setBrokerEpoch(answer.brokerEpoch())
                    .setIncarnation(Uuids.toBytes(answer.incarnation()))
                    .setVersion(answer.version()));
        } else {
            throw new IllegalArgumentException("no follower says " + frame);
        }
        return response.build();
    }

    private static LeaderMessage message(ToLeader message) {
        LeaderMessage.Builder to = LeaderMessage.newBuilder()
                .setTopicId(Uuids.toBytes(message.partition().topicId()))
                .setPartition(message.partition().partition())
                .setLeaderEpoch(message.leaderEpoch())
                .setSession(message.session())
                .setBrokerEpoch(message.brokerEpoch());
        if (message instanceof Ack ack) {
            to.setAck(io.varve.proto.internal.v1.Ack.newBuilder()
                    .setWrittenEndOffset(ack.writtenEndOffset())
                    .setFlushedEndOffset(ack.flushedEndOffset()));
        } else if (message instanceof State state) {
            to.setState(state(state));
        } else if (message instanceof Nack nack) {
            to.setNack(io.varve.proto.internal.v1.Nack.newBuilder()
                    .setCodeValue(1 + nack.code().ordinal())
                    .setKnownLeaderEpoch(nack.here().leaderEpoch())
                    .setLogEndOffset(nack.here().logEndOffset())
                    .setLastEpoch(nack.here().lastEpoch())
                    .setDetail(nack.detail()));
        }
        return to.build();
    }

    private static io.varve.proto.internal.v1.State state(State state) {
        io.varve.proto.internal.v1.State.Builder to = io.varve.proto.internal.v1.State.newBuilder()
                .setLogStartOffset(state.logStartOffset())
                .setLogEndOffset(state.logEndOffset())
                .setHighWatermark(state.highWatermark())
                .setEpochsEndOffset(state.epochs().endOffset())
                .setEpochsComplete(state.epochs().complete());
        for (EpochEntry entry : state.epochs().entries()) {
            to.addEpochs(EpochStart.newBuilder().setEpoch(entry.leaderEpoch()).setStartOffset(entry.startOffset()));
        }
        return to.build();
    }

    static PeerFrame decode(ExchangeResponse response) throws FrameDamage {
        try {
            if (response.getMessagesCount() > 0) {
                List<ToLeader> messages = new ArrayList<>(response.getMessagesCount());
                for (LeaderMessage message : response.getMessagesList()) {
                    messages.add(message(message));
                }
                return new PeerFrame.Messages(messages);
            } else if (response.hasPulse()) {
                return new PeerFrame.PulseAnswer(response.getPulse().getSentNanos());
            } else if (response.hasHello()) {
                return hello(response.getHello());
            }
        } catch (IllegalArgumentException e) { // an id of another length, a negative partition
            throw new FrameDamage(String.valueOf(e.getMessage()));
        }
        throw new FrameDamage("a frame without anything in it");
    }

    private static PeerFrame hello(io.varve.proto.internal.v1.HelloAnswer answer) throws FrameDamage {
        return new PeerFrame.HelloAnswer(
                known(HelloVerdict.values(), answer.getVerdictValue()),
                answer.getDetail(),
                answer.getBrokerEpoch(),
                Uuids.fromBytes(answer.getIncarnation()),
                answer.getVersion());
    }

    private static ToLeader message(LeaderMessage from) throws FrameDamage {
        LogId partition = new LogId(Uuids.fromBytes(from.getTopicId()), from.getPartition());
        int epoch = from.getLeaderEpoch();
        long session = from.getSession();
        long broker = from.getBrokerEpoch();
        return switch (from.getBodyCase()) {
            case ACK ->
                new Ack(
                        partition,
                        epoch,
                        session,
                        broker,
                        from.getAck().getWrittenEndOffset(),
                        from.getAck().getFlushedEndOffset());
            case STATE ->
                new State(
                        partition,
                        epoch,
                        session,
                        broker,
                        from.getState().getLogStartOffset(),
                        from.getState().getLogEndOffset(),
                        from.getState().getHighWatermark(),
                        epochs(from.getState()));
            case NACK ->
                new Nack(
                        partition,
                        epoch,
                        session,
                        broker,
                        known(NackCode.values(), from.getNack().getCodeValue()),
                        new FollowerPosition(
                                from.getNack().getKnownLeaderEpoch(),
                                from.getNack().getLogEndOffset(),
                                from.getNack().getLastEpoch()),
                        from.getNack().getDetail());
            case BODY_NOT_SET -> throw new FrameDamage("an answer without a body");
        };
    }

    private static EpochPage epochs(io.varve.proto.internal.v1.State state) {
        List<EpochEntry> entries = new ArrayList<>(state.getEpochsCount());
        for (EpochStart start : state.getEpochsList()) {
            entries.add(new EpochEntry(start.getEpoch(), start.getStartOffset()));
        }
        return new EpochPage(entries, state.getEpochsEndOffset(), state.getEpochsComplete());
    }

    /** The enums on the wire have one value more, the unspecified, in front. */
    private static <E> E known(E[] values, int number) throws FrameDamage {
        if (number < 1 || number > values.length) {
            throw new FrameDamage("the number " + number + " means nothing to this version");
        }
        return values[number - 1];
    }
}
