// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import io.netty.buffer.ByteBuf;
import io.varve.record.BatchBuilder;
import io.varve.record.BatchReader;
import io.varve.record.Codec;
import io.varve.record.LogRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A record with a key, and what becomes of many. */
record Keyed(long offset, @Nullable String key, @Nullable String value, long timestamp) {
    static void append(PartitionLog log, int epoch, Codec codec, Keyed... records) {
        append(log, epoch, codec, -1, -1, records);
    }

    static void append(PartitionLog log, int epoch, Codec codec, long producer, int sequence, Keyed... records) {
        BatchBuilder builder = new BatchBuilder(codec, 1 << 20);
        for (Keyed record : records) {
            builder.tryAppend(record.timestamp, bytes(record.key), bytes(record.value), List.of());
        }
        Chunk chunk = Batches.chunk(builder.build(producer, (short) (producer < 0 ? -1 : 0), sequence));
        log.stage(Batches.at(records[0].offset, epoch, chunk));
    }

    private static byte @Nullable [] bytes(@Nullable String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    /** Runs a whole pass, on a pool that needs no help. */
    static Optional<CompactionReport> compact(PartitionLog log, long now, long highWatermark, long mapBytes)
            throws StorageException {
        Optional<CompactionPass> due = log.compaction(new CompactionRequest(now, highWatermark, mapBytes));
        if (due.isEmpty()) {
            return Optional.empty();
        }
        try (CompactionPass pass = due.get()) {
            while (!pass.isDone()) {
                pass.step(300, now);
            }
            return Optional.of(pass.report());
        }
    }

    static List<Keyed> readAll(PartitionLog log) throws StorageException {
        List<Keyed> all = new ArrayList<>();
        long next = log.logStartOffset();
        long end = log.writtenEndOffset();
        while (next < end) {
            ByteBuf bytes = log.read(next, 300, end, Batches.MEMORY);
            try {
                BatchReader records = BatchReader.of(bytes.nioBuffer(), 1 << 20);
                while (records.hasNext()) {
                    LogRecord record = records.next();
                    if (record.offset() >= next) {
                        all.add(new Keyed(
                                record.offset(), text(record.key()), text(record.value()), record.timestampMs()));
                    }
                }
                next = records.nextOffset();
            } finally {
                bytes.release();
            }
        }
        return all;
    }

    private static @Nullable String text(@Nullable ByteBuffer bytes) {
        return bytes == null ? null : Batches.text(bytes);
    }

    static List<String> text(List<Keyed> records) {
        return records.stream()
                .map(record -> record.offset + " " + record.key + "=" + record.value)
                .toList();
    }

    /** The naive map. */
    static List<Keyed> lastOfEachKey(List<Keyed> records) {
        Map<String, Long> last = new HashMap<>();
        for (Keyed record : records) {
            if (record.key != null) {
                last.put(record.key, record.offset);
            }
        }
        return records.stream()
                .filter(record ->
                        record.key == null || Long.valueOf(record.offset).equals(last.get(record.key)))
                .toList();
    }
}
