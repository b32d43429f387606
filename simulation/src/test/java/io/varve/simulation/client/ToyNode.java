// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.client;

import io.varve.client.internal.producer.TopicView;
import io.varve.metadata.image.CommandResult;
import io.varve.proto.v1.ErrorReason;
import io.varve.record.BatchHeader;
import io.varve.replication.Acks;
import io.varve.replication.AppendResult;
import io.varve.replication.RejectReason;
import io.varve.simulation.check.BatchId;
import io.varve.simulation.check.BatchSeen;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** One of several nodes that share one perfect log per partition, and take turns in leading it. */
final class ToyNode implements NodeFront {
    static final UUID TOPIC = new UUID(3, 3);

    /** What all nodes share. */
    static final class Shared {
        final List<List<ByteBuffer>> logs = new ArrayList<>();
        final Map<Long, BatchSeen> placed = new HashMap<>();
        int leader = 1;
        int epoch = 1;
        long producerIds = 40;

        Shared(int partitions) {
            for (int i = 0; i < partitions; i++) {
                logs.add(new ArrayList<>());
            }
        }

        List<BatchSeen> seen(int partition) {
            return logs.get(partition).stream().map(b -> BatchId.seen(b, 0)).toList();
        }

        long end(int partition) {
            List<BatchSeen> all = seen(partition);
            return all.isEmpty() ? 0 : all.get(all.size() - 1).endOffset();
        }
    }

    private final int id;
    private final Shared shared;

    ToyNode(int id, Shared shared) {
        this.id = id;
        this.shared = shared;
    }

    @Override
    public void produce(ClientRequest.Produce request, Reply reply) {
        if (shared.leader != id) {
            reply.answer(NodeErrors.refused(RejectReason.NOT_LEADER_OR_FOLLOWER, "node " + id + " does not lead"));
            return;
        }
        ByteBuffer batch = request.batch();
        boolean idempotent = BatchHeader.producerId(batch, 0) >= 0;
        long batchId = BatchId.of(batch, 0);
        BatchSeen known = idempotent ? shared.placed.get(batchId) : null;
        if (known == null) {
            BatchHeader.assign(batch, 0, shared.end(request.partition()), shared.epoch);
            shared.logs.get(request.partition()).add(batch);
            known = BatchId.seen(batch, 0);
            shared.placed.put(batchId, known);
        }
        if (request.acks() != Acks.NONE) {
            reply.answer(NodeErrors.of(new AppendResult.Appended(known.baseOffset(), -1, 0)));
        }
    }

    @Override
    public void fetch(ClientRequest.Fetch request, Reply reply) {
        if (shared.leader != id || request.leaderEpoch() > shared.epoch) {
            reply.answer(NodeErrors.refused(RejectReason.NOT_LEADER_OR_FOLLOWER, "node " + id + " does not lead"));
            return;
        }
        ByteBuffer found = ByteBuffer.allocate(1 << 16);
        for (ByteBuffer batch : shared.logs.get(request.partition())) {
            if (BatchHeader.nextOffset(batch, 0) > request.offset() && found.position() < request.maxBytes()) {
                found.put(batch.duplicate());
            }
        }
        reply.answer(new ClientAnswer.Records(found.flip(), shared.end(request.partition()), 0, shared.epoch));
    }

    @Override
    public void latest(ClientRequest.Latest request, Reply reply) {
        reply.answer(new ClientAnswer.LatestOffset(shared.end(request.partition()), shared.epoch));
    }

    @Override
    public void metadata(ClientRequest.Metadata request, Reply reply) {
        TopicView.Leader leader = new TopicView.Leader(shared.leader, shared.epoch);
        List<TopicView.Leader> all = Collections.nCopies(shared.logs.size(), leader);
        reply.answer(new ClientAnswer.Metadata(new TopicView(request.topic(), TOPIC, null, all, 1 << 20)));
    }

    @Override
    public void allocateProducerId(Reply reply) {
        reply.answer(new ClientAnswer.ProducerId(shared.producerIds++));
    }

    @Override
    public void administer(ClientRequest.Administer request, Reply reply) {
        reply.answer(
                shared.leader == id
                        ? new ClientAnswer.Administered(new CommandResult.Done())
                        : NodeErrors.refused(ErrorReason.ERROR_REASON_NOT_CONTROLLER, "ask another node"));
    }
}
