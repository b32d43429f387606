// SPDX-License-Identifier: Apache-2.0
package io.varve.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
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
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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

/** A log of 1 GiB read from its beginning to its end out of the page cache, 1 MiB at a time and every batch checked, beside a bare loop over its files. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 5, time = 5)
public class ColdReadBenchmark {
    private static final int BATCH_BYTES = 64 << 10;
    private static final int READ_BYTES = 1 << 20;
    private static final int BATCHES = 16 << 10;

    /** A log that is not written any more. */
    @State(Scope.Thread)
    public static class FullLog {
        private Workplace place;
        private PartitionLog log;
        private long nextOffset;
        private List<Path> files;
        private FileChannel file;
        private int fileIndex;
        private final ByteBuffer bytes = ByteBuffer.allocateDirect(READ_BYTES);

        @Setup
        public void fill() throws IOException {
            place = new Workplace(JournalSettings.DEFAULT);
            LogId id = new LogId(new UUID(1, 1), 0);
            LogSettings settings =
                    LogSettings.DEFAULT.withDurability(Durability.WRITTEN).withSegmentSizeBytes(256 << 20);
            log = place.data().create(id, settings);
            Appender appender = new Appender(log, BATCH_BYTES, 64);
            for (int i = 0; i < BATCHES; i++) {
                appender.append();
            }
            appender.awaitWritten();
            try (Stream<Path> found =
                    Files.list(place.path().resolve("data/logs").resolve(id.toString()))) {
                files = found.filter(path -> path.toString().endsWith(".log"))
                        .sorted()
                        .toList();
            }
            file = FileChannel.open(files.get(0));
        }

        @TearDown
        public void close() throws Exception {
            file.close();
            place.close();
        }
    }

    /** About 1 MiB: whole batches. */
    @Benchmark
    public void varve(FullLog state) throws IOException {
        ByteBuf read = state.log.read(state.nextOffset, READ_BYTES, BATCHES, PooledByteBufAllocator.DEFAULT);
        state.nextOffset = (state.nextOffset + read.readableBytes() / (BATCH_BYTES - 100)) % BATCHES;
        read.release();
    }

    @Benchmark
    public int bare(FullLog state) throws IOException {
        state.bytes.clear().limit(15 * BATCH_BYTES); // as much as whole batches fill
        int read = state.file.read(state.bytes);
        if (read <= 0) {
            state.file.close();
            state.fileIndex = (state.fileIndex + 1) % state.files.size();
            state.file = FileChannel.open(state.files.get(state.fileIndex));
        }
        return read;
    }
}
