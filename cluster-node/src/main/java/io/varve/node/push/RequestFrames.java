// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.varve.proto.Uuids;
import io.varve.proto.internal.v1.ExchangeRequest;
import io.varve.proto.internal.v1.FollowerMessage;
import io.varve.proto.internal.v1.StreamKind;
import io.varve.record.BatchHeader;
import io.varve.replication.link.PeerFrame;
import io.varve.replication.link.ProtocolRange;
import io.varve.replication.protocol.LeaderPosition;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.ReplicaMessage.Append;
import io.varve.replication.protocol.ReplicaMessage.Commit;
import io.varve.replication.protocol.ReplicaMessage.Open;
import io.varve.replication.protocol.ReplicaMessage.Producers;
import io.varve.replication.protocol.ReplicaMessage.ToFollower;
import io.varve.replication.protocol.ReplicaMessage.Truncate;
import io.varve.storage.Chunk;
import io.varve.storage.LogId;
import io.varve.transport.ExchangeFrame;
import java.util.ArrayList;
import java.util.List;

/** Frames from leaders to followers, to and from the words of the protocol. <i>Thread-safe.</i> */
final class RequestFrames {

    private RequestFrames() {}

    /** The batches stay the frame's: it is released after it was sent. */
    static ExchangeFrame encode(PeerFrame frame) {
        ExchangeRequest.Builder head = ExchangeRequest.newBuilder();
        List<ByteBuf> batches = new ArrayList<>();
        if (frame instanceof PeerFrame.Messages messages) {
            for (ReplicaMessage message : messages.messages()) {
                head.addMessages(message((ToFollower) message, batches));
            }
        } else if (frame instanceof PeerFrame.Pulse pulse) {
            var said = io.varve.proto.internal.v1.Pulse.newBuilder().setSentNanos(pulse.sentNanos());
            pulse.commits().forEach(commit -> said.addCommits(message(commit, batches)));
            head.setPulse(said);
        } else if (frame instanceof PeerFrame.Hello hello) {
            head.setHello(hello(hello));
        } else {
            throw new IllegalArgumentException("no leader says " + frame);
        }
        return new ExchangeFrame(head.build(), batches);
    }

    private static io.varve.proto.internal.v1.Hello hello(PeerFrame.Hello hello) {
        return io.varve.proto.internal.v1.Hello.newBuilder()
                .setClusterId(Uuids.toBytes(hello.clusterId()))
                .setNodeId(hello.nodeId())
                .setBrokerEpoch(hello.brokerEpoch())
                .setIncarnation(Uuids.toBytes(hello.incarnation()))
                .setMinVersion(hello.versions().minVersion())
                .setMaxVersion(hello.versions().maxVersion())
                .setStreamId(hello.streamId())
                .setKind(StreamKind.forNumber(1 + hello.kind().ordinal()))
                .setTargetNodeId(hello.target().nodeId())
                .setTargetBrokerEpoch(hello.target().brokerEpoch())
                .build();
    }

    private static FollowerMessage message(ToFollower message, List<ByteBuf> batches) {
        LogId partition = message.partition();
        FollowerMessage.Builder to = FollowerMessage.newBuilder()
                .setTopicId(Uuids.toBytes(partition.topicId()))
                .setPartition(partition.partition())
                .setLeaderEpoch(message.leaderEpoch())
                .setSession(message.session());
        if (message instanceof Append append) {
            to.setAppend(append(append, batches));
        } else if (message instanceof Commit commit) {
            to.setCommit(io.varve.proto.internal.v1.Commit.newBuilder()
                    .setHighWatermark(commit.highWatermark())
                    .setLeaderLogStartOffset(commit.leaderLogStartOffset()));
        } else if (message instanceof Open open) {
            to.setOpen(io.varve.proto.internal.v1.Open.newBuilder()
                    .setMetadataIndex(open.metadataIndex())
                    .setTargetBrokerEpoch(open.targetBrokerEpoch())
                    .setLeaderBrokerEpoch(open.leaderBrokerEpoch())
                    .setLeaderLogStartOffset(open.leaderLogStartOffset())
                    .setEpochsBelow(open.epochsBelow()));
        } else if (message instanceof Truncate truncate) {
            to.setTruncate(io.varve.proto.internal.v1.Truncate.newBuilder()
                    .setToOffset(truncate.toOffset())
                    .setReset(truncate.reset())
                    .setProducerParts(truncate.producerParts()));
        } else if (message instanceof Producers producers) {
            to.setProducerStates(io.varve.proto.internal.v1.ProducerStates.newBuilder()
                    .setPart(producers.part())
                    .setContent(ByteString.copyFrom(producers.bytes().duplicate())));
        }
        return to.build();
    }

    private static io.varve.proto.internal.v1.Append append(Append append, List<ByteBuf> batches) {
        HeadersChecksum checksum = new HeadersChecksum(append.partition());
        for (Chunk chunk : append.chunks()) {
            checksum.add(chunk.buffer());
            batches.add(chunk.buffer());
        }
        LeaderPosition leader = append.leader();
        return io.varve.proto.internal.v1.Append.newBuilder()
                .setBaseOffset(append.baseOffset())
                .setPrevEpoch(append.prevEpoch())
                .setBatchCount(append.chunks().size())
                .setHeadersCrc32C(checksum.value())
                .setHighWatermark(leader.highWatermark())
                .setLogStartOffset(leader.logStartOffset())
                .setLogEndOffset(leader.logEndOffset())
                .build();
    }

    /**
     * Takes over the batches, each as a chunk.
     *
     * @throws FrameDamage nothing is left behind
     */
    static PeerFrame decode(ExchangeFrame frame) throws FrameDamage {
        BatchSource batches = new BatchSource(frame.batches());
        boolean decoded = false;
        try {
            PeerFrame result = frame(frame.head(), batches);
            if (batches.left() > 0) {
                throw new FrameDamage(batches.left() + " batches belong to no append");
            }
            decoded = true;
            return result;
        } catch (IllegalArgumentException e) { // an id of another length, a negative partition, a batch that is none
            throw new FrameDamage(String.valueOf(e.getMessage()));
        } finally {
            if (!decoded) {
                batches.release();
            }
        }
    }

    private static PeerFrame frame(ExchangeRequest head, BatchSource batches) throws FrameDamage {
        if (head.getMessagesCount() > 0) {
            List<ToFollower> messages = new ArrayList<>(head.getMessagesCount());
            for (FollowerMessage message : head.getMessagesList()) {
                messages.add(message(message, batches));
            }
            return new PeerFrame.Messages(messages);
        } else if (head.hasPulse()) {
            List<Commit> commits = new ArrayList<>(head.getPulse().getCommitsCount());
            for (FollowerMessage commit : head.getPulse().getCommitsList()) {
                if (!(message(commit, batches) instanceof Commit known)) {
                    throw new FrameDamage("a pulse with a " + commit.getBodyCase());
                }
                commits.add(known);
            }
            return new PeerFrame.Pulse(head.getPulse().getSentNanos(), commits);
        } else if (head.hasHello()) {
            return hello(head.getHello());
        }
        throw new FrameDamage("a frame without anything in it");
    }

    private static PeerFrame hello(io.varve.proto.internal.v1.Hello hello) throws FrameDamage {
        int kind = hello.getKindValue() - 1;
        if (kind < 0 || kind >= PeerStream.values().length) {
            throw new FrameDamage("a stream of kind " + hello.getKindValue());
        }
        return new PeerFrame.Hello(
                Uuids.fromBytes(hello.getClusterId()),
                hello.getNodeId(),
                hello.getBrokerEpoch(),
                Uuids.fromBytes(hello.getIncarnation()),
                new ProtocolRange(hello.getMinVersion(), hello.getMaxVersion()),
                hello.getStreamId(),
                PeerStream.values()[kind],
                new PeerFrame.Target(hello.getTargetNodeId(), hello.getTargetBrokerEpoch()));
    }

    private static ToFollower message(FollowerMessage from, BatchSource batches) throws FrameDamage {
        LogId partition = new LogId(Uuids.fromBytes(from.getTopicId()), from.getPartition());
        int epoch = from.getLeaderEpoch();
        long session = from.getSession();
        return switch (from.getBodyCase()) {
            case APPEND -> append(partition, epoch, session, from.getAppend(), batches);
            case COMMIT ->
                new Commit(
                        partition,
                        epoch,
                        session,
                        from.getCommit().getHighWatermark(),
                        from.getCommit().getLeaderLogStartOffset());
            case OPEN ->
                new Open(
                        partition,
                        epoch,
                        session,
                        from.getOpen().getMetadataIndex(),
                        from.getOpen().getTargetBrokerEpoch(),
                        from.getOpen().getLeaderBrokerEpoch(),
                        from.getOpen().getLeaderLogStartOffset(),
                        from.getOpen().getEpochsBelow());
            case TRUNCATE ->
                new Truncate(
                        partition,
                        epoch,
                        session,
                        from.getTruncate().getToOffset(),
                        from.getTruncate().getReset(),
                        from.getTruncate().getProducerParts());
            case PRODUCER_STATES ->
                new Producers(
                        partition,
                        epoch,
                        session,
                        from.getProducerStates().getPart(),
                        from.getProducerStates().getContent().asReadOnlyByteBuffer());
            case BODY_NOT_SET -> throw new FrameDamage("a message without a body");
        };
    }

    private static Append append(
            LogId partition, int epoch, long session, io.varve.proto.internal.v1.Append from, BatchSource batches)
            throws FrameDamage {
        HeadersChecksum checksum = new HeadersChecksum(partition);
        List<Chunk> chunks = batches.take(from.getBatchCount(), checksum);
        if (checksum.value() != from.getHeadersCrc32C()) { // P12
            throw new FrameDamage("the headers of an append at " + from.getBaseOffset() + " to " + partition
                    + " have the checksum " + Integer.toHexString(checksum.value()) + ", sent was "
                    + Integer.toHexString(from.getHeadersCrc32C()));
        }
        return new Append(
                partition,
                epoch,
                session,
                from.getBaseOffset(),
                from.getPrevEpoch(),
                chunks,
                new LeaderPosition(from.getHighWatermark(), from.getLogStartOffset(), from.getLogEndOffset()));
    }

    /** The batches of a frame that is decoded, and the chunks that were made of them. <i>Confined to one frame.</i> */
    private static final class BatchSource {

        private final List<ByteBuf> batches;
        private final List<Chunk> chunks;
        private int next;

        BatchSource(List<ByteBuf> batches) {
            this.batches = batches;
            this.chunks = new ArrayList<>(batches.size());
        }

        int left() {
            return batches.size() - next;
        }

        List<Chunk> take(int count, HeadersChecksum checksum) throws FrameDamage {
            if (count < 0 || count > left()) {
                throw new FrameDamage("an append of " + count + " batches where " + left() + " are left");
            }
            int first = chunks.size();
            for (int i = 0; i < count; i++) {
                ByteBuf batch = batches.get(next);
                if (batch.readableBytes() < BatchHeader.SIZE_BYTES) {
                    throw new FrameDamage("a batch of " + batch.readableBytes() + " bytes");
                }
                checksum.add(batch);
                next++; // from here on it is the chunk's
                chunks.add(Chunk.of(batch));
            }
            return chunks.subList(first, chunks.size());
        }

        void release() {
            chunks.forEach(Chunk::release);
            while (next < batches.size()) {
                batches.get(next++).release();
            }
        }
    }
}
