// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static io.varve.storage.Batches.at;
import static io.varve.storage.Batches.produced;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.varve.record.BatchReader;
import io.varve.record.LogRecord;
import io.varve.storage.StorageException.Kind;
import io.varve.storage.file.RealFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ConcurrentReadsTest {
    private static final int RECORDS = 6000;
    private static final LogSettings SETTINGS = LogSettings.DEFAULT
            .withDurability(Durability.WRITTEN)
            .withSegmentSizeBytes(8000)
            .withIndexIntervalBytes(300)
            .withRetention(60_000, LogSettings.UNLIMITED);

    private final ExecutorService ioPool = Executors.newFixedThreadPool(3);
    private final ExecutorService readers = Executors.newFixedThreadPool(4);

    @AfterEach
    void stop() throws Exception {
        ioPool.shutdownNow();
        readers.shutdownNow();
        assertThat(ioPool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(Chunk.openCount()).isZero();
    }

    @Test
    @Timeout(60)
    void shouldReadTheSameRecordsWhileTheLogIsWrittenRolledAndCleaned(@TempDir Path temporary) throws Exception {
        Path root = temporary.resolve("d");
        RealFiles files = new RealFiles();
        DataDirectory.format(files, root, Directories.IDENTITY);
        DataDirectory directory = Directories.open(files, root, SETTINGS, IoPool.of(ioPool));
        PartitionLog log = directory.create(Directories.LOG, SETTINGS);
        AtomicBoolean writing = new AtomicBoolean(true);
        AtomicLong seen = new AtomicLong();
        List<Future<?>> tasks = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int maxBytes = 1 + 700 * i;
            tasks.add(readers.submit(() -> follow(log, writing, maxBytes, seen)));
        }
        tasks.add(readers.submit(() -> lookUpTimes(log, writing)));
        while (log.stagedEndOffset() < RECORDS) {
            long base = log.stagedEndOffset();
            log.stage(at(base, 1 + (int) (base / 1000), produced(10_000 + base, "a" + base, "b" + base)));
            if (base % 200 == 0) {
                log.checkpointHighWatermark(log.writtenEndOffset());
                Directories.retain(log, 1, log.writtenEndOffset());
                directory.checkpoint();
            }
        }
        log.flush().get();
        writing.set(false);
        for (Future<?> task : tasks) {
            task.get();
        }
        assertThat(seen.get()).isPositive();
        assertThat(log.logStartOffset()).isPositive();
        assertThat(log.writtenEndOffset()).isEqualTo(RECORDS);
        directory.close();
    }

    private static Void follow(PartitionLog log, AtomicBoolean writing, int maxBytes, AtomicLong seen)
            throws StorageException {
        long next = 0;
        while (writing.get() || next < log.writtenEndOffset()) {
            try {
                long end = log.writtenEndOffset();
                ByteBuf bytes = log.read(next, maxBytes, end, Batches.MEMORY);
                try {
                    BatchReader records = BatchReader.of(bytes.nioBuffer(), 1 << 20);
                    while (records.hasNext()) {
                        LogRecord record = records.next();
                        assertThat(record.offset()).isEqualTo(next);
                        assertThat(Batches.text(record.value()))
                                .isEqualTo((next % 2 == 0 ? "a" + next : "b" + (next - 1)));
                        next++;
                        seen.incrementAndGet();
                    }
                } finally {
                    bytes.release();
                }
            } catch (StorageException e) {
                if (e.kind() != Kind.OUT_OF_RANGE) {
                    throw e;
                }
                next = log.logStartOffset(); // retention was faster
                next += next % 2;
            }
        }
        return null;
    }

    private static Void lookUpTimes(PartitionLog log, AtomicBoolean writing) throws StorageException {
        while (writing.get()) {
            long offset = (log.logStartOffset() + log.writtenEndOffset()) / 2 / 2 * 2;
            try {
                log.offsetForTimestamp(10_000 + offset, log.writtenEndOffset())
                        .ifPresent(found -> assertThat(found.offset()).isGreaterThanOrEqualTo(offset));
            } catch (StorageException e) {
                assertThat(e.kind()).isEqualTo(Kind.OUT_OF_RANGE);
            }
        }
        return null;
    }
}
