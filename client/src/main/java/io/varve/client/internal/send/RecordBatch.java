// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.send;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.varve.client.RecordMetadata;
import io.varve.client.VarveException;
import io.varve.client.internal.producer.Batch;
import io.varve.record.BatchBuilder;
import io.varve.record.BatchHeader;
import io.varve.record.RecordHeader;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The records of one batch and those who wait for their outcome. Records are written once, where the connection reads
 * them. <i>Guarded by its partition's buffer until it is sealed; then the sender thread has it, last the callback
 * thread.</i>
 */
final class RecordBatch {
    private static final int FIRST_RECORDS = 16;

    final String topic;
    final int partition;
    final long openedNanos;

    /** Done when every waiter was told. */
    final CompletableFuture<Void> done = new CompletableFuture<>();

    /** Bytes of the budget that go back when the batch is released. */
    long reservedBytes;

    private final BatchBuilder builder;

    /** For each record a future or a callback. */
    private Object[] waiters = new Object[FIRST_RECORDS];

    private long[] timestampsMs = new long[FIRST_RECORDS];
    private @Nullable ByteBuf bytes;

    RecordBatch(String topic, int partition, BatchBuilder builder, long reservedBytes, long openedNanos) {
        this.topic = topic;
        this.partition = partition;
        this.builder = builder;
        this.reservedBytes = reservedBytes;
        this.openedNanos = openedNanos;
    }

    boolean tryAppend(
            long timestampMs,
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<RecordHeader> headers,
            Object waiter) {
        if (!builder.tryAppend(timestampMs, key, value, headers)) {
            return false;
        }
        int index = builder.count() - 1;
        if (index == waiters.length) {
            waiters = Arrays.copyOf(waiters, index * 2);
            timestampsMs = Arrays.copyOf(timestampsMs, index * 2);
        }
        waiters[index] = waiter;
        timestampsMs[index] = timestampMs;
        return true;
    }

    int count() {
        return builder.count();
    }

    int sizeBytes() {
        return builder.estimatedSizeBytes();
    }

    /** The batch as it goes over the wire under the core's sequence. The reference stays here. */
    ByteBuf bytes(Batch batch) {
        ByteBuf built = bytes;
        if (built == null) {
            ByteBuffer b = builder.build(batch.producerId(), batch.producerEpoch(), batch.sequence());
            built = Unpooled.wrappedBuffer(b.array(), b.arrayOffset(), b.limit());
            bytes = built;
            return built;
        }
        ByteBuffer b = built.nioBuffer();
        if (BatchHeader.producerId(b, 0) != batch.producerId()
                || BatchHeader.producerEpoch(b, 0) != batch.producerEpoch()
                || BatchHeader.baseSequence(b, 0) != batch.sequence()) {
            if (batch.isShared()) {
                throw new IllegalStateException("partition " + topic + "-" + partition + ": a batch gets sequence "
                        + batch.sequence() + " of epoch " + batch.producerEpoch()
                        + " while a connection may still read it under another one");
            }
            BatchHeader.setProducer(b, 0, batch.producerId(), batch.producerEpoch(), batch.sequence());
        }
        return built;
    }

    void releaseBytes() {
        ByteBuf built = bytes;
        if (built != null) {
            built.release();
        }
    }

    void complete(long baseOffset, long logAppendTimeMs) {
        for (int i = 0; i < builder.count(); i++) {
            RecordMetadata metadata = new RecordMetadata(
                    topic,
                    partition,
                    baseOffset < 0 ? RecordMetadata.NO_OFFSET : baseOffset + i,
                    logAppendTimeMs >= 0 ? logAppendTimeMs : timestampsMs[i]);
            Waiters.stored(waiters[i], metadata);
        }
        done.complete(null);
    }

    void fail(VarveException error) {
        for (int i = 0; i < builder.count(); i++) {
            Waiters.failed(waiters[i], error);
        }
        done.complete(null);
    }
}
