// SPDX-License-Identifier: Apache-2.0
package io.varve.benchmarks;

import io.varve.storage.Durability;
import io.varve.storage.JournalSettings;
import io.varve.storage.LogId;
import io.varve.storage.LogSettings;
import io.varve.storage.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Batches of 64 KiB into one log of durability {@code written} that keeps 2 GiB, beside a bare loop that writes the same files. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 5)
@Measurement(iterations = 5, time = 5)
public class AppendBenchmark {
    private static final int BATCH_BYTES = 64 << 10;
    private static final int SEGMENT_BYTES = 256 << 20;
    private static final int SEGMENTS = 8;

    /** A log. */
    @State(Scope.Thread)
    public static class OneLog {
        private Workplace place;
        private PartitionLog log;
        private Appender appender;

        @Setup
        public void open() throws IOException {
            place = new Workplace(JournalSettings.DEFAULT);
            LogSettings settings =
                    LogSettings.DEFAULT.withDurability(Durability.WRITTEN).withSegmentSizeBytes(SEGMENT_BYTES);
            log = place.data().create(new LogId(new UUID(1, 1), 0), settings);
            appender = new Appender(log, BATCH_BYTES, 64);
        }

        @TearDown
        public void close() throws Exception {
            appender.awaitWritten();
            place.close();
        }
    }

    /** Files of the same size, the oldest deleted when there are too many. */
    @State(Scope.Thread)
    public static class BareFiles {
        private final ByteBuffer batch = Workplace.batch(BATCH_BYTES).nioBuffer();
        private final ArrayDeque<Path> files = new ArrayDeque<>();
        private Workplace place;
        private FileChannel file;
        private int number;

        @Setup
        public void open() throws IOException {
            place = new Workplace(JournalSettings.DEFAULT);
            next();
        }

        private void next() throws IOException {
            Path path = place.path().resolve("bare-" + number++);
            files.add(path);
            file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            if (files.size() > SEGMENTS) {
                Files.delete(files.remove());
            }
        }

        @TearDown
        public void close() throws Exception {
            file.close();
            place.close();
        }
    }

    @Benchmark
    public void varve(OneLog state) {
        state.appender.append();
        long end = state.log.stagedEndOffset();
        int batchesKept = SEGMENTS * (SEGMENT_BYTES / BATCH_BYTES);
        if (end % (SEGMENT_BYTES / BATCH_BYTES) == 0 && end > batchesKept) {
            var unused = state.log.advanceLogStart(end - batchesKept, end);
        }
    }

    @Benchmark
    public long bare(BareFiles state) throws IOException {
        if (state.file.position() + BATCH_BYTES > SEGMENT_BYTES) {
            state.file.force(false); // as a log does before it begins another segment
            state.file.close();
            state.next();
        }
        return state.file.write(state.batch.duplicate());
    }
}
