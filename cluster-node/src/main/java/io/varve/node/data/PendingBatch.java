// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.varve.proto.v1.BatchResult;
import io.varve.proto.v1.Error;
import io.varve.replication.AppendCompletion;
import io.varve.replication.AppendResult;
import org.jspecify.annotations.Nullable;

/**
 * One batch of a produce stream, from its arrival until its result is sent. Its result is set once, by the thread that completes it, before it is left
 * in the stream's mailbox.
 */
final class PendingBatch implements AppendCompletion {
    private final StreamLoop<PendingBatch> loop;
    private final long number;
    private final int sizeBytes;
    private final boolean silent; // acks=0: only a failure is told
    private @Nullable AppendResult result;
    private @Nullable Error error;

    PendingBatch(StreamLoop<PendingBatch> loop, long number, int sizeBytes, boolean silent) {
        this.loop = loop;
        this.number = number;
        this.sizeBytes = sizeBytes;
        this.silent = silent;
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

    BatchResult toMessage() {
        BatchResult.Builder message = BatchResult.newBuilder().setNumber(number);
        if (result instanceof AppendResult.Appended appended) {
            return message.setBaseOffset(appended.baseOffset())
                    .setLogAppendTimeMs(appended.logAppendTimeMillis())
                    .setLogStartOffset(appended.logStartOffset())
                    .build();
        }
        return message.setError(failure()).build();
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
