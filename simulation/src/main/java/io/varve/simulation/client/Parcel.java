// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.client;

import io.varve.client.internal.producer.Batch;
import io.varve.record.BatchBuilder;
import io.varve.record.BatchHeader;
import io.varve.record.Codec;
import io.varve.simulation.check.BatchId;
import io.varve.simulation.check.Sending;
import io.varve.storage.LogId;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The records of one batch of a simulated producer: each holds the producer's number and a value that no other has. */
final class Parcel {
    final int partition;
    private final int producer;
    private final long firstValue;
    private final ProducerKind kind;
    private final BatchBuilder builder;
    private @Nullable ByteBuffer bytes;

    /** Where it went last; null while it went nowhere. */
    @Nullable
    LogId sentTo;

    private @Nullable Sending sending;
    private long batchId;
    private boolean released;

    Parcel(int producer, ProducerKind kind, int partition, long firstValue, int count, long nowMillis, int padding) {
        this.producer = producer;
        this.kind = kind;
        this.partition = partition;
        this.firstValue = firstValue;
        this.builder = new BatchBuilder(Codec.NONE, 1 << 20);
        for (int i = 0; i < count; i++) {
            byte[] value = ByteBuffer.allocate(Integer.BYTES + Long.BYTES + padding)
                    .putInt(producer)
                    .putLong(firstValue + i)
                    .array();
            if (!builder.tryAppend(nowMillis, null, value, List.of())) {
                throw new IllegalStateException("a record of " + value.length + " bytes does not fit");
            }
        }
    }

    int count() {
        return builder.count();
    }

    long firstValue() {
        return firstValue;
    }

    /** A copy of the bytes under the sequence that the core has given the batch. */
    ByteBuffer bytes(Batch batch) {
        if (released) {
            throw new IllegalStateException(
                    "a batch of producer " + producer + " is sent after its bytes were released");
        }
        ByteBuffer built = bytes;
        if (built == null) {
            built = builder.build(batch.producerId(), batch.producerEpoch(), batch.sequence());
            bytes = built;
        } else if (BatchHeader.producerId(built, 0) != batch.producerId()
                || BatchHeader.producerEpoch(built, 0) != batch.producerEpoch()
                || BatchHeader.baseSequence(built, 0) != batch.sequence()) {
            if (batch.isShared()) {
                throw new IllegalStateException(
                        "a batch of producer " + producer + " gets another sequence while a connection still reads it");
            }
            BatchHeader.setProducer(built, 0, batch.producerId(), batch.producerEpoch(), batch.sequence());
        }
        batchId = BatchId.of(built, 0);
        sending = new Sending(
                producer,
                firstValue,
                count(),
                kind.acks(),
                batch.producerId(),
                batch.producerEpoch(),
                batch.sequence(),
                kind.isOrdered());
        return ByteBuffer.allocate(built.limit())
                .put(built.duplicate().rewind())
                .flip();
    }

    /** As it was sent last; null before. */
    @Nullable
    Sending sending() {
        return sending;
    }

    /** Of the bytes as they were sent last. */
    long batchId() {
        return batchId;
    }

    void release() {
        if (released) {
            throw new IllegalStateException("a batch of producer " + producer + " is released twice");
        }
        released = true;
        bytes = null;
    }
}
