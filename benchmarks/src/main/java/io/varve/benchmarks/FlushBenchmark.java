// SPDX-License-Identifier: Apache-2.0
package io.varve.benchmarks;

import io.varve.storage.JournalSettings;
import io.varve.storage.LogId;
import io.varve.storage.LogSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** 16 logs of durability {@code flushed}, each waiting for its batch to be on disk, beside 16 threads with a write and an fdatasync each. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 5, time = 5)
@Threads(16)
public class FlushBenchmark {
    private static final int BATCH_BYTES = 4096;

    /** Shared by all threads. */
    @State(Scope.Benchmark)
    public static class Directory {
        private final AtomicInteger number = new AtomicInteger();
        private Workplace place;

        @Setup
        public void open() throws IOException {
            place = new Workplace(JournalSettings.DEFAULT);
        }

        @TearDown
        public void close() throws Exception {
            place.close();
        }
    }

    /** One log for each thread. */
    @State(Scope.Thread)
    public static class OwnLog {
        private Appender appender;

        @Setup
        public void open(Directory directory) throws IOException {
            LogId id = new LogId(new UUID(1, 1), directory.number.getAndIncrement());
            appender = new Appender(directory.place.data().create(id, LogSettings.DEFAULT), BATCH_BYTES, 1);
        }
    }

    /** One file for each thread. */
    @State(Scope.Thread)
    public static class OwnFile {
        private final ByteBuffer batch = Workplace.batch(BATCH_BYTES).nioBuffer();
        private FileChannel file;

        @Setup
        public void open(Directory directory) throws IOException {
            file = FileChannel.open(
                    directory.place.path().resolve("bare-" + directory.number.getAndIncrement()),
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.WRITE);
        }

        @TearDown
        public void close() throws IOException {
            file.close();
        }
    }

    @Benchmark
    public void varve(OwnLog state) {
        state.appender.append();
        state.appender.awaitFlushed();
    }

    @Benchmark
    public void bare(OwnFile state) throws IOException {
        state.file.write(state.batch.duplicate());
        state.file.force(false);
    }
}
