// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.varve.proto.v1.Acks;
import io.varve.proto.v1.BatchResult;
import io.varve.proto.v1.Error;
import io.varve.replication.AppendCompletion;
import io.varve.replication.AppendResult;
import io.varve.transport.ProduceBatch;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One batch of a produce stream, from its arrival until its result is sent. Its result is set once, by the thread that completes it, before it is left
 * in the stream's mailbox.
 */
final class PendingBatch implements AppendCompletion {
    private final StreamLoop<PendingBatch> loop;
    private final long number;
    private final UUID topicId;
    private final int partition;
    private final int sizeBytes;
    private final boolean silent; // acks=0: only a failure is told
    private @Nullable AppendResult result;
    private @Nullable Error error;

    PendingBatch(StreamLoop<PendingBatch> loop, ProduceBatch batch) {
        this.loop = loop;
        this.number = batch.number();
        this.topicId = batch.topicId();
        this.partition = batch.partition();
        this.sizeBytes = batch.batch().readableBytes();
        this.silent = batch.acks() == Acks.ACKS_NONE;
    }

    @Override
    public void onResult(AppendResult appendResult) {
        result = appendResult;
        loop.leave(this);
    }

    /** Refused before it came to a partition. */
    void refuse(Error refusal) {
        error = refusal;
        loop.leave(this);
    }

    int sizeBytes() {
        return sizeBytes;
    }

    /** Whether the producer wants to hear of it. */
    boolean isToBeTold() {
        return !silent || !(result instanceof AppendResult.Appended);
    }

    BatchResult toMessage(PartitionLookup lookup) {
        BatchResult.Builder message = BatchResult.newBuilder().setNumber(number);
        if (result instanceof AppendResult.Appended appended) {
            return message.setBaseOffset(appended.baseOffset())
                    .setLogAppendTimeMs(appended.logAppendTimeMillis())
                    .setLogStartOffset(appended.logStartOffset())
                    .build();
        }
        return message.setError(StatusMapper.withLeader(failure(), lookup, topicId, partition))
                .build();
    }

    private Error failure() {
        if (error != null) {
            return error;
        }
        if (result instanceof AppendResult.Rejected rejected) {
            return StatusMapper.of(rejected);
        }
        if (result instanceof AppendResult.Indeterminate unknown) {
            return StatusMapper.of(unknown);
        }
        throw new IllegalStateException("batch " + number + " has no result");
    }
}
