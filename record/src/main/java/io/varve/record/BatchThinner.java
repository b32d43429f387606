// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Takes records out of batches. What stays keeps its bytes and its offset, the batch keeps its whole header but for size, count and CRC, and it is
 * compressed again with its codec; so a batch may have fewer records than it spans offsets, also none.
 *
 * <p><i>Thread-safe.</i>
 */
public final class BatchThinner {
    /** Whether the record that the cursor stands at stays. Asked once for each, in order. */
    public interface Choice {
        boolean keeps(KeyCursor record);
    }

    private BatchThinner() {}

    /**
     * The batch without what {@code choice} does not keep; null if it keeps everything.
     *
     * @return a heap buffer from position 0 to limit
     * @throws InvalidBatchException if its records cannot be read
     */
    public static @Nullable ByteBuffer thin(ByteBuffer batch, int at, int maxDecompressedBytes, Choice choice) {
        KeyCursor records = KeyCursor.of(batch, at, maxDecompressedBytes);
        ByteBuffer memory = records.memory();
        byte[] kept = null;
        int size = BatchHeader.SIZE_BYTES;
        int count = 0;
        int seen = 0;
        int firstAt = -1;
        while (records.next()) {
            firstAt = seen == 0 ? records.recordAt() : firstAt;
            seen++;
            int length = records.recordEnd() - records.recordAt();
            boolean keeps = choice.keeps(records);
            if (!keeps && kept == null) { // the first one to go: all before it stay
                kept = new byte[BatchHeader.SIZE_BYTES + recordsBytes(batch, at, memory)];
                memory.get(firstAt, kept, size, records.recordAt() - firstAt);
                size += records.recordAt() - firstAt;
            }
            if (keeps) {
                if (kept != null) {
                    memory.get(records.recordAt(), kept, size, length);
                    size += length;
                }
                count++;
            }
        }
        return kept == null ? null : rebuilt(batch, at, kept, size, count);
    }

    private static int recordsBytes(ByteBuffer batch, int at, ByteBuffer memory) {
        return memory == batch ? BatchHeader.sizeInBytes(batch, at) - BatchHeader.SIZE_BYTES : memory.limit();
    }

    private static ByteBuffer rebuilt(ByteBuffer batch, int at, byte[] records, int size, int count) {
        byte[] bytes = records;
        int sizeBytes = size;
        int attributes = BatchHeader.attributes(batch, at);
        Codec codec = BatchHeader.codec(batch, at);
        if (count == 0) {
            attributes &= ~BatchHeader.CODEC_MASK;
        } else if (codec != null && codec != Codec.NONE) {
            ByteSink sink = new ByteSink(size / 2, Integer.MAX_VALUE);
            sink.skip(BatchHeader.SIZE_BYTES);
            Compression.compress(codec, records, BatchHeader.SIZE_BYTES, size - BatchHeader.SIZE_BYTES, sink);
            bytes = sink.array();
            sizeBytes = sink.size();
        }
        ByteBuffer b = ByteBuffer.wrap(bytes, 0, sizeBytes);
        b.put(0, batch, at, BatchHeader.SIZE_BYTES);
        b.putShort(BatchHeader.ATTRIBUTES_AT, (short) attributes);
        return finished(b, count);
    }

    /**
     * A batch without records that spans [{@code baseOffset}, {@code endOffset}) in the place of others, and has no producer.
     *
     * @return a heap buffer from position 0 to limit
     */
    public static ByteBuffer empty(long baseOffset, long endOffset, int leaderEpoch, long maxTimestamp) {
        ByteBuffer b = ByteBuffer.allocate(BatchHeader.SIZE_BYTES);
        BatchHeader.assign(b, 0, baseOffset, leaderEpoch);
        b.put(BatchHeader.MAGIC_AT, BatchHeader.MAGIC);
        b.putInt(BatchHeader.LAST_OFFSET_DELTA_AT, Math.toIntExact(endOffset - baseOffset - 1));
        b.putLong(BatchHeader.BASE_TIMESTAMP_AT, maxTimestamp);
        b.putLong(BatchHeader.MAX_TIMESTAMP_AT, maxTimestamp);
        b.putLong(BatchHeader.PRODUCER_ID_AT, BatchHeader.NO_PRODUCER_ID);
        b.putShort(BatchHeader.PRODUCER_EPOCH_AT, BatchHeader.NO_PRODUCER_EPOCH);
        b.putInt(BatchHeader.BASE_SEQUENCE_AT, BatchHeader.NO_SEQUENCE);
        return finished(b, 0);
    }

    private static ByteBuffer finished(ByteBuffer b, int count) {
        b.putInt(BatchHeader.LENGTH_AT, b.limit() - BatchHeader.PREFIX_BYTES);
        b.putInt(BatchHeader.RECORD_COUNT_AT, count);
        b.putInt(BatchHeader.CRC_AT, BatchHeader.computeCrc(b, 0));
        return b;
    }
}
