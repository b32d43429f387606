// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.netty.buffer.ByteBuf;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.record.BatchCheck;
import io.varve.replication.Acks;
import io.varve.replication.Append;
import io.varve.replication.Partition;
import io.varve.replication.RejectReason;
import io.varve.storage.Chunk;
import io.varve.transport.ProduceBatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The way of a received batch to its partition, on the event loop that received it. Size, fields and CRC are checked here and not on the partition's
 * loop: the bytes were just copied and are still in this core's cache, connections spread over the event loops while a partition has only one loop, and
 * damaged batches never take a turn of it. Order is kept, since one event loop posts everything that a stream brings. *Thread-safe.*
 */
final class BatchIntake {
    private final PartitionLookup lookup;
    private final AppendGate gate;
    private final DataLimits limits;

    BatchIntake(DataPlane plane) {
        this.lookup = plane.lookup();
        this.gate = plane.gate();
        this.limits = plane.limits();
    }

    /** Takes over the batch's buffer. {@code pending} hears what became of it, now or later. */
    void submit(ProduceBatch batch, PendingBatch pending) {
        ByteBuf bytes = batch.batch();
        Partition partition = lookup.find(batch.topicId(), batch.partition());
        if (partition == null) {
            bytes.release();
            pending.refuse(lookup.whyMissing(batch.topicId(), batch.partition()));
            return;
        }
        Acks acks = acks(batch.acks());
        Error refusal = acks == null ? badAcks(partition, batch) : check(partition, batch);
        if (refusal != null || acks == null) {
            bytes.release();
            pending.refuse(refusal == null ? badAcks(partition, batch) : refusal);
            return;
        }
        long deadline = System.nanoTime() + timeoutNanos(batch.timeoutMs());
        partition.append(new Append(Chunk.of(bytes), acks, batch.leaderEpoch(), deadline, pending));
    }

    private @Nullable Error check(Partition partition, ProduceBatch batch) {
        return batch.timeoutMs() < 0
                ? StatusMapper.refused(
                        ErrorReason.ERROR_REASON_INVALID_REQUEST,
                        "partition " + partition.name() + ": timeout_ms " + batch.timeoutMs() + " is below 0")
                : check(partition, batch.batch());
    }

    private static Error badAcks(Partition partition, ProduceBatch batch) {
        return StatusMapper.refused(
                ErrorReason.ERROR_REASON_INVALID_REQUIRED_ACKS,
                "partition " + partition.name() + ": acks " + batch.acks() + " is none of NONE, LEADER, ALL");
    }

    /** What speaks against appending these bytes, or null. Borrows them. */
    @Nullable
    Error check(Partition partition, ByteBuf bytes) {
        String full = gate.refusal();
        if (full != null) {
            return StatusMapper.refused(RejectReason.DISK_FULL, full);
        }
        int size = bytes.readableBytes();
        BatchCheck check = BatchCheck.checkProduced(
                bytes.nioBuffer(), 0, size, Math.min(partition.maxBatchBytes(), limits.maxBatchBytes()));
        return check.isValid() ? null : StatusMapper.of(check, partition.name());
    }

    private long timeoutNanos(int timeoutMs) {
        return timeoutMs == 0
                ? limits.defaultTimeout().toNanos()
                : Math.min(TimeUnit.MILLISECONDS.toNanos(timeoutMs), DataLimits.TIMEOUT_MAX.toNanos());
    }

    static @Nullable Acks acks(io.varve.proto.v1.Acks wanted) {
        return switch (wanted) {
            case ACKS_NONE -> Acks.NONE;
            case ACKS_LEADER -> Acks.LEADER;
            case ACKS_ALL -> Acks.ALL;
            case ACKS_UNSPECIFIED, UNRECOGNIZED -> null;
        };
    }
}
