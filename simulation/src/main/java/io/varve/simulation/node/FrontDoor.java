// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.varve.client.internal.producer.TopicView;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.TopicImage;
import io.varve.metadata.topic.TopicConfigs;
import io.varve.proto.v1.ErrorReason;
import io.varve.record.BatchCheck;
import io.varve.replication.Acks;
import io.varve.replication.Append;
import io.varve.replication.AppendResult;
import io.varve.replication.RejectReason;
import io.varve.replication.leader.LeaderReplica;
import io.varve.replication.replica.ReplicaStatus;
import io.varve.simulation.check.BatchId;
import io.varve.simulation.client.ClientAnswer;
import io.varve.simulation.client.ClientRequest;
import io.varve.simulation.client.NodeErrors;
import io.varve.simulation.client.NodeFront;
import io.varve.storage.Chunk;
import io.varve.storage.EpochEntry;
import io.varve.storage.LogId;
import io.varve.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a simulated node does for clients. */
final class FrontDoor implements NodeFront {
    private static final int MAX_BATCH_BYTES = 16 << 10;

    private final NodeServices node;
    private final Replicas replicas;
    private final Supplier<MetadataImage> image;
    private final ProducerIdBlocks producerIds;
    private final Controller controller;

    /** Where administrators' requests go. */
    interface Controller {
        void administer(ClientRequest.Administer request, Reply reply);
    }

    FrontDoor(
            NodeServices node,
            Replicas replicas,
            Supplier<MetadataImage> image,
            ProducerIdBlocks producerIds,
            Controller controller) {
        this.node = node;
        this.replicas = replicas;
        this.image = image;
        this.producerIds = producerIds;
        this.controller = controller;
    }

    @Override
    public void produce(ClientRequest.Produce request, Reply reply) {
        ByteBuffer bytes = request.batch();
        BatchCheck check = BatchCheck.checkProduced(bytes, bytes.position(), bytes.remaining(), MAX_BATCH_BYTES);
        if (!check.isValid()) {
            reply.answer(NodeErrors.refused(check));
            return;
        }
        LogId id = new LogId(request.topicId(), request.partition());
        HostedReplica replica = replicas.find(id);
        if (replica == null) {
            reply.answer(missing(id));
            return;
        }
        long batchId = BatchId.of(bytes, bytes.position());
        int epoch = replica.replica().status().leaderEpoch();
        Chunk chunk = Chunk.of(Unpooled.wrappedBuffer(bytes));
        long deadline = node.loop().nowNanos() + request.timeoutNanos();
        replica.touch();
        replica.replica()
                .append(
                        new Append(chunk, request.acks(), request.leaderEpoch(), deadline, result -> {
                            if (result instanceof AppendResult.Appended appended) {
                                node.events()
                                        .answered(
                                                node.nodeId(),
                                                id,
                                                epoch,
                                                request.acks(),
                                                batchId,
                                                appended.baseOffset());
                            }
                            if (request.acks() != Acks.NONE || !(result instanceof AppendResult.Appended)) {
                                reply.answer(NodeErrors.of(result));
                            }
                        }),
                        node.loop().nowNanos(),
                        node.loop().nowMillis());
    }

    private ClientAnswer missing(LogId id) {
        return image.get().partition(id.topicId(), id.partition()).isPresent()
                ? NodeErrors.refused(RejectReason.NOT_LEADER_OR_FOLLOWER, "not here")
                : NodeErrors.refused(ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION, "unknown here");
    }

    /** The replica that serves readers who know this epoch; null after a refusal. */
    private @Nullable HostedReplica readable(LogId id, int readerEpoch, Reply reply) {
        HostedReplica replica = replicas.find(id);
        if (replica == null) {
            reply.answer(missing(id));
            return null;
        }
        ReplicaStatus status = replica.replica().status();
        if (status.role() != ReplicaStatus.Role.LEADING
                || replica.replica().leader().isIsolated()) {
            reply.answer(NodeErrors.refused(RejectReason.NOT_LEADER_OR_FOLLOWER, "does not lead"));
            return null;
        }
        if (readerEpoch > status.leaderEpoch()) {
            reply.answer(NodeErrors.refused(RejectReason.UNKNOWN_LEADER_EPOCH, "not known here yet"));
            return null;
        }
        return replica;
    }

    @Override
    public void fetch(ClientRequest.Fetch request, Reply reply) {
        LogId id = new LogId(request.topicId(), request.partition());
        HostedReplica replica = readable(id, request.leaderEpoch(), reply);
        if (replica == null) {
            return;
        }
        LeaderReplica leader = replica.replica().leader();
        SimLog log = replica.log();
        Optional<EpochEntry> diverged = divergence(log, request.lastReadEpoch(), request.offset());
        if (diverged.isPresent()) {
            reply.answer(new ClientAnswer.Diverged(
                    diverged.get().leaderEpoch(), diverged.get().startOffset(), leader.leaderEpoch()));
            return;
        }
        if (request.offset() < log.logStartOffset()) {
            reply.answer(new ClientAnswer.TooEarly(log.logStartOffset(), leader.leaderEpoch()));
            return;
        }
        long visible = leader.visibleEndOffset();
        long end = Math.min(visible, log.writtenEndOffset());
        ByteBuffer batches = ByteBuffer.allocate(0);
        if (request.offset() < end) {
            try {
                ByteBuf read = log.partitionLog().read(request.offset(), request.maxBytes(), end, SimLog.HEAP);
                batches = ByteBuffer.allocate(read.readableBytes());
                read.readBytes(batches);
                batches.flip();
                read.release();
            } catch (StorageException e) {
                reply.answer(NodeErrors.refused(
                        e.kind() == StorageException.Kind.OUT_OF_RANGE
                                ? RejectReason.OFFSET_OUT_OF_RANGE
                                : RejectReason.KAFKA_STORAGE_ERROR,
                        String.valueOf(e.getMessage())));
                return;
            }
        }
        reply.answer(new ClientAnswer.Records(batches, visible, log.logStartOffset(), leader.leaderEpoch()));
    }

    /** P32: the epoch that the reader read last, and where it ends here, if that is below where the reader is. */
    private static Optional<EpochEntry> divergence(SimLog log, int lastReadEpoch, long offset) {
        if (lastReadEpoch == 0) {
            return Optional.empty();
        }
        List<EpochEntry> chain = log.epochChain();
        int epoch = 0;
        long end = log.stagedEndOffset();
        for (int i = chain.size() - 1; i >= 0; i--) {
            EpochEntry entry = chain.get(i);
            if (entry.leaderEpoch() <= lastReadEpoch) {
                epoch = entry.leaderEpoch();
                break;
            }
            end = entry.startOffset();
        }
        return epoch != lastReadEpoch || end < offset
                ? Optional.of(new EpochEntry(Math.max(epoch, 1), Math.min(end, offset)))
                : Optional.empty();
    }

    @Override
    public void latest(ClientRequest.Latest request, Reply reply) {
        LogId id = new LogId(request.topicId(), request.partition());
        HostedReplica replica = readable(id, request.leaderEpoch(), reply);
        if (replica == null) {
            return;
        }
        LeaderReplica leader = replica.replica().leader();
        if (!leader.knowsLatestOffset()) {
            reply.answer(NodeErrors.refused(RejectReason.LEADER_NOT_AVAILABLE, "the end is not known yet"));
            return;
        }
        node.events().latestServed(node.nodeId(), id, leader.leaderEpoch(), leader.visibleEndOffset());
        reply.answer(new ClientAnswer.LatestOffset(leader.visibleEndOffset(), leader.leaderEpoch()));
    }

    @Override
    public void metadata(ClientRequest.Metadata request, Reply reply) {
        Optional<TopicImage> topic = image.get().topic(request.topic());
        if (topic.isEmpty()) {
            reply.answer(new ClientAnswer.Metadata(new TopicView(
                    request.topic(),
                    null,
                    NodeErrors.details(
                            ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION,
                            "unknown here",
                            io.varve.proto.v1.Outcome.OUTCOME_NOT_APPLIED),
                    List.of(),
                    MAX_BATCH_BYTES)));
            return;
        }
        List<TopicView.Leader> leaders = topic.get().partitions().stream()
                .map(p -> new TopicView.Leader(p.leader(), p.leaderEpoch()))
                .toList();
        int maxBytes = (int) TopicConfigs.number(topic.get(), TopicConfigs.MAX_MESSAGE_BYTES);
        reply.answer(new ClientAnswer.Metadata(
                new TopicView(request.topic(), topic.get().id(), null, leaders, maxBytes)));
    }

    @Override
    public void allocateProducerId(Reply reply) {
        producerIds.next(reply);
    }

    @Override
    public void administer(ClientRequest.Administer request, Reply reply) {
        controller.administer(request, reply);
    }

    /** Producer ids of this node, asked of the controller block by block (P38). */
    static final class ProducerIdBlocks {
        private final Source source;
        private long next;
        private long end;

        /** Asks the controller. */
        interface Source {
            void allocate(java.util.function.Consumer<CommandResult.@Nullable ProducerIds> block);
        }

        ProducerIdBlocks(Source source) {
            this.source = source;
        }

        void next(Reply reply) {
            if (next < end) {
                reply.answer(new ClientAnswer.ProducerId(next++));
                return;
            }
            source.allocate(block -> {
                if (block == null) {
                    reply.answer(NodeErrors.refused(ErrorReason.ERROR_REASON_NOT_CONTROLLER, "no controller answers"));
                } else {
                    next = block.first();
                    end = block.first() + block.count();
                    reply.answer(new ClientAnswer.ProducerId(next++));
                }
            });
        }
    }
}
