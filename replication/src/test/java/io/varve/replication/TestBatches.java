// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.varve.record.BatchBuilder;
import io.varve.record.BatchHeader;
import io.varve.record.Codec;
import io.varve.storage.Chunk;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Real batches in pooled direct buffers, as the transport delivers them. */
public final class TestBatches {
    private TestBatches() {}

    public static Chunk of(int records) {
        return idempotent(BatchHeader.NO_PRODUCER_ID, BatchHeader.NO_PRODUCER_EPOCH, BatchHeader.NO_SEQUENCE, records);
    }

    public static Chunk idempotent(long producerId, int producerEpoch, int baseSequence, int records) {
        return Chunk.of(buffer(producerId, producerEpoch, baseSequence, records, 10, 1_000));
    }

    public static Chunk sized(int records, int valueBytes, long timestampMillis) {
        return Chunk.of(buffer(
                BatchHeader.NO_PRODUCER_ID,
                BatchHeader.NO_PRODUCER_EPOCH,
                BatchHeader.NO_SEQUENCE,
                records,
                valueBytes,
                timestampMillis));
    }

    private static ByteBuf buffer(
            long producerId, int producerEpoch, int baseSequence, int records, int valueBytes, long timestampMillis) {
        BatchBuilder builder = new BatchBuilder(Codec.NONE, 8 << 20);
        byte[] value = "v".repeat(valueBytes).getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < records; i++) {
            if (!builder.tryAppend(timestampMillis + i, (byte[]) null, value, List.of())) {
                throw new IllegalStateException("batch is full");
            }
        }
        ByteBuffer batch = builder.build(producerId, (short) producerEpoch, baseSequence);
        ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(batch.remaining(), batch.remaining());
        return buffer.writeBytes(batch);
    }
}
