// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;

/** What a test writes, and what it expects to read whichever implementation reads it. */
record SampleRecord(
        long timestampMs,
        @Nullable ByteBuffer key,
        @Nullable ByteBuffer value,
        List<io.varve.record.RecordHeader> headers) {
    private static final long NOW_MS = 1_700_000_000_000L;

    static List<SampleRecord> list(Random random, int count) {
        List<SampleRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<io.varve.record.RecordHeader> headers = new ArrayList<>();
            for (int h = random.nextInt(4) - 1; h > 0; h--) {
                headers.add(new io.varve.record.RecordHeader("h\u00e4\u4e2d" + random.nextInt(3), bytes(random, 20)));
            }
            long timestampMs = random.nextInt(50) == 0 ? 0 : NOW_MS + random.nextInt(200_000) - 100_000;
            records.add(new SampleRecord(timestampMs, bytes(random, 30), bytes(random, 2000), headers));
        }
        return records;
    }

    /** Null, empty, words (which compress) or noise (which does not). */
    private static @Nullable ByteBuffer bytes(Random random, int maxLength) {
        int length = random.nextInt(maxLength + 1);
        return switch (random.nextInt(6)) {
            case 0 -> null;
            case 1 -> ByteBuffer.allocate(0);
            case 2 -> {
                byte[] noise = new byte[length];
                random.nextBytes(noise);
                yield ByteBuffer.wrap(noise);
            }
            default ->
                ByteBuffer.wrap("layer upon layer "
                        .repeat(maxLength / 17 + 1)
                        .substring(0, length)
                        .getBytes(StandardCharsets.UTF_8));
        };
    }

    static SampleRecord of(LogRecord record) {
        return new SampleRecord(record.timestampMs(), record.key(), record.value(), record.headers());
    }

    static SampleRecord of(Record record) {
        List<io.varve.record.RecordHeader> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            headers.add(io.varve.record.RecordHeader.of(header.key(), header.value()));
        }
        return new SampleRecord(
                record.timestamp(),
                record.hasKey() ? record.key() : null,
                record.hasValue() ? record.value() : null,
                headers);
    }

    Header[] kafkaHeaders() {
        return headers.stream()
                .map(h -> {
                    ByteBuffer value = h.value();
                    return new RecordHeader(h.key(), value == null ? null : value.array());
                })
                .toArray(Header[]::new);
    }

    static ByteBuffer batch(Codec codec, List<SampleRecord> records) {
        BatchBuilder builder = new BatchBuilder(codec, Integer.MAX_VALUE);
        for (SampleRecord r : records) {
            if (!builder.tryAppend(r.timestampMs, r.key, r.value, r.headers)) {
                throw new IllegalStateException("no room without a limit");
            }
        }
        return builder.build();
    }

    static List<SampleRecord> read(ByteBuffer run, int limit) {
        List<SampleRecord> records = new ArrayList<>();
        BatchReader.of(run, limit).forEachRemaining(r -> records.add(of(r)));
        return records;
    }
}
