// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.varve.record.BatchBuilder;
import io.varve.record.BatchHeader;
import io.varve.record.BatchReader;
import io.varve.record.Codec;
import io.varve.record.LogRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Batches made for tests, and what is in those that were read. */
final class Batches {
    /** Without the leak detector, which costs more than all else here: the tests count chunks themselves. */
    static final ByteBufAllocator MEMORY = new UnpooledByteBufAllocator(true, true);

    private Batches() {}

    /** A batch as a producer sends it: one record per value, all of one timestamp. */
    static Chunk produced(long timestamp, String... values) {
        BatchBuilder builder = new BatchBuilder(Codec.NONE, 1 << 20);
        for (String value : values) {
            builder.tryAppend(timestamp, null, value.getBytes(StandardCharsets.UTF_8), List.of());
        }
        return chunk(builder.build());
    }

    static Chunk chunk(ByteBuffer batch) {
        ByteBuf buffer = MEMORY.directBuffer(batch.remaining(), batch.remaining());
        buffer.writeBytes(batch.duplicate());
        return Chunk.of(buffer);
    }

    static Chunk at(long baseOffset, int leaderEpoch, Chunk chunk) {
        chunk.assign(baseOffset, leaderEpoch);
        return chunk;
    }

    /** "offset:value" of every record, reading in steps of {@code maxBytes}. */
    static List<String> readAll(PartitionLog log, int maxBytes) throws StorageException {
        List<String> all = new ArrayList<>();
        long next = log.logStartOffset();
        long end = log.writtenEndOffset();
        while (next < end) {
            ByteBuf bytes = log.read(next, maxBytes, end, MEMORY);
            try {
                ByteBuffer run = bytes.nioBuffer();
                BatchReader records = BatchReader.of(run, 1 << 20);
                while (records.hasNext()) {
                    LogRecord record = records.next();
                    if (record.offset() >= next) {
                        all.add(record.offset() + ":" + text(record.value()));
                    }
                }
                long reached = records.nextOffset();
                if (reached <= next) {
                    throw new AssertionError("read at " + next + " gave nothing of [" + next + ", " + end + ")");
                }
                next = reached;
            } finally {
                bytes.release();
            }
        }
        return all;
    }

    static String text(@org.jspecify.annotations.Nullable ByteBuffer value) {
        return value == null
                ? "null"
                : StandardCharsets.UTF_8.decode(value.duplicate()).toString();
    }

    static int headerBytes() {
        return BatchHeader.SIZE_BYTES;
    }
}
