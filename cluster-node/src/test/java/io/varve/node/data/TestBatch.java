// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.varve.record.BatchBuilder;
import io.varve.record.BatchHeader;
import io.varve.record.Codec;
import java.nio.ByteBuffer;
import java.util.List;

/** Batches as a producer sends them. */
final class TestBatch {
    private TestBatch() {}

    static byte[] of(int records, int valueBytes) {
        return idempotent(
                BatchHeader.NO_PRODUCER_ID,
                BatchHeader.NO_PRODUCER_EPOCH,
                BatchHeader.NO_SEQUENCE,
                records,
                valueBytes);
    }

    static byte[] idempotent(long producerId, short epoch, int sequence, int records, int valueBytes) {
        BatchBuilder builder = new BatchBuilder(Codec.NONE, 8 << 20);
        for (int i = 0; i < records; i++) {
            if (!builder.tryAppend(1_000 + i, (byte[]) null, new byte[valueBytes], List.of())) {
                throw new IllegalStateException("full");
            }
        }
        ByteBuffer built = builder.build(producerId, epoch, sequence);
        byte[] bytes = new byte[built.remaining()];
        built.get(bytes);
        return bytes;
    }
}
