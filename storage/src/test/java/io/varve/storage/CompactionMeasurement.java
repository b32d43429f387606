// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import io.netty.buffer.ByteBuf;
import io.varve.record.BatchBuilder;
import io.varve.record.BatchReader;
import io.varve.record.Codec;
import io.varve.record.LogRecord;
import io.varve.storage.file.RealFiles;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Compacts many records on a real disk and compares what is left with the simplest map. To be run by hand, with a small heap:
 *
 * <pre>
 * java -Xmx128m ... io.varve.storage.CompactionMeasurement NEW_DIRECTORY [RECORDS [KEYS [KEY_MAP_BYTES]]]
 * </pre>
 */
public final class CompactionMeasurement {
    private static final int BATCH_RECORDS = 200;
    private static final int SEGMENT_BYTES = 64 << 20;
    private static final int READ_BYTES = 1 << 20;
    private static final long STEP_BYTES = 1 << 20;

    private final int records;
    private final int[] lastOffset;
    private final PartitionLog log;

    private CompactionMeasurement(PartitionLog log, int records, int keys) {
        this.log = log;
        this.records = records;
        lastOffset = new int[keys];
        Arrays.fill(lastOffset, -1);
    }

    public static void main(String[] args) throws Exception {
        int records = args.length > 1 ? Integer.parseInt(args[1]) : 10_000_000;
        int keys = args.length > 2 ? Integer.parseInt(args[2]) : 1_000_000;
        long mapBytes = args.length > 3 ? Long.parseLong(args[3]) : 32L << 20;
        LogSettings settings = LogSettings.DEFAULT
                .withDurability(Durability.WRITTEN)
                .withSegmentSizeBytes(SEGMENT_BYTES)
                .withCompaction(new CompactionSettings(true, 0, 0, Long.MAX_VALUE, 0));
        try (DataDirectory directory = Directories.format(new RealFiles(), Path.of(args[0]), settings)) {
            var run = new CompactionMeasurement(directory.create(Directories.LOG, settings), records, keys);
            run.append();
            run.compact(mapBytes);
            run.compare();
        }
    }

    private void append() {
        long began = System.nanoTime();
        Random random = new Random(1);
        ByteBuffer key = ByteBuffer.allocate(Long.BYTES);
        ByteBuffer value = ByteBuffer.allocate(2 * Long.BYTES);
        for (int offset = 0; offset < records; ) {
            BatchBuilder builder = new BatchBuilder(Codec.NONE, READ_BYTES);
            for (int i = 0; i < BATCH_RECORDS && offset + i < records; i++) {
                int number = random.nextInt(lastOffset.length);
                lastOffset[number] = offset + i;
                key.putLong(0, number);
                value.putLong(0, offset + i);
                builder.tryAppend(1, key, value, List.of());
            }
            int count = builder.count();
            log.stage(Batches.at(offset, 1, Batches.chunk(builder.build())));
            offset += count;
        }
        log.roll().join();
        say("appended %d records, %d bytes", began, records, log.sizeBytes());
    }

    private void compact(long mapBytes) throws StorageException {
        for (int pass = 1; ; pass++) {
            long began = System.nanoTime();
            var due = log.compaction(new CompactionRequest(1000, records, mapBytes));
            if (due.isEmpty()) {
                return;
            }
            try (CompactionPass running = due.get()) {
                while (!running.isDone()) {
                    running.step(STEP_BYTES, 1000);
                }
                say("pass %d: %s", began, pass, running.report());
            }
        }
    }

    private void compare() throws StorageException {
        long began = System.nanoTime();
        int left = 0;
        for (long next = 0; next < records; ) {
            ByteBuf bytes = log.read(next, READ_BYTES, records, Batches.MEMORY);
            try {
                BatchReader all = BatchReader.of(bytes.nioBuffer(), READ_BYTES);
                while (all.hasNext()) {
                    check(all.next());
                    left++;
                }
                next = all.nextOffset();
            } finally {
                bytes.release();
            }
        }
        long expected = Arrays.stream(lastOffset).filter(offset -> offset >= 0).count();
        if (left != expected) {
            throw new AssertionError(left + " records are left of " + expected + " keys");
        }
        say("equal to the map: %d keys, %d bytes", began, left, log.sizeBytes());
    }

    private void check(LogRecord record) {
        ByteBuffer key = record.key();
        ByteBuffer value = record.value();
        if (key == null || value == null) {
            throw new AssertionError("no key or no value at " + record.offset());
        }
        int number = (int) key.getLong(key.position());
        long said = value.getLong(value.position());
        if (said != record.offset() || lastOffset[number] != record.offset()) {
            throw new AssertionError("key " + number + ": value " + said + " at " + record.offset()
                    + ", its last is at " + lastOffset[number]);
        }
    }

    private static void say(String what, long beganNanos, Object... values) {
        System.out.printf("%s in %.1f s%n", String.format(what, values), (System.nanoTime() - beganNanos) / 1e9);
    }
}
