// SPDX-License-Identifier: Apache-2.0
package io.varve.benchmarks;

import io.netty.buffer.ByteBuf;
import io.varve.storage.Chunk;
import io.varve.storage.JournalSettings;
import io.varve.storage.LogId;
import io.varve.storage.LogListener;
import io.varve.storage.LogSettings;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Many logs, each with one batch on its way to the disk all the time: how many become durable, how long each waits, and what it costs. The arguments are
 * the size of a batch, the seconds, and the numbers of logs; each number is run with the journal off and on.
 */
public final class FlushAtScale {
    private static final int SAMPLES = 1 << 22;
    private static final int WARM_UP_SECONDS = 3;

    private final LongAdder acknowledged = new LongAdder();
    private final long[] waits = new long[SAMPLES];
    private final AtomicInteger waitCount = new AtomicInteger();
    private volatile boolean ending; // volatile: read by I/O threads

    private FlushAtScale() {}

    public static void main(String[] args) throws Exception {
        int batchBytes = Integer.parseInt(args[0]);
        int seconds = Integer.parseInt(args[1]);
        for (String logs : Arrays.asList(args).subList(2, args.length)) {
            JournalSettings with = JournalSettings.DEFAULT;
            JournalSettings without =
                    new JournalSettings(JournalSettings.NEVER, with.maxGroupBytes(), with.fileBytes(), with.files());
            new FlushAtScale().run("own files", without, Integer.parseInt(logs), batchBytes, seconds);
            new FlushAtScale().run("journal", with, Integer.parseInt(logs), batchBytes, seconds);
        }
    }

    /** One log: as soon as its batch is durable, the next one. */
    private final class Loop implements LogListener {
        private final PartitionLog log;
        private final ByteBuf batch;
        private long stagedNanos;

        Loop(PartitionLog log, int batchBytes) {
            this.log = log;
            batch = Workplace.batch(batchBytes);
            log.attach(this);
        }

        void stage() {
            Chunk chunk = Chunk.of(batch.retain());
            chunk.assign(log.stagedEndOffset(), 1);
            stagedNanos = System.nanoTime();
            log.stage(chunk);
        }

        @Override
        public void onProgress(long writtenEndOffset, long flushedEndOffset) {
            if (flushedEndOffset < log.stagedEndOffset() || ending) {
                return;
            }
            acknowledged.increment();
            int sample = waitCount.getAndIncrement();
            if (sample < SAMPLES) {
                waits[sample] = System.nanoTime() - stagedNanos;
            }
            stage();
        }

        @Override
        public void onFailure(StorageException cause, long writtenEndOffset, long flushedEndOffset) {
            throw new IllegalStateException(cause);
        }
    }

    private void run(String name, JournalSettings journal, int logs, int batchBytes, int seconds) throws Exception {
        Workplace place = new Workplace(journal);
        try {
            Loop[] loops = new Loop[logs];
            for (int i = 0; i < logs; i++) {
                loops[i] = new Loop(place.data().create(new LogId(new UUID(1, 1), i), LogSettings.DEFAULT), batchBytes);
            }
            for (Loop loop : loops) {
                loop.stage();
            }
            TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
            long batchesBefore = acknowledged.sum();
            long cpuBefore = cpuNanos();
            long began = System.nanoTime();
            waitCount.set(0);
            TimeUnit.SECONDS.sleep(seconds);
            double elapsed = (System.nanoTime() - began) / 1e9;
            long batches = acknowledged.sum() - batchesBefore;
            double cpuSeconds = (cpuNanos() - cpuBefore) / 1e9;
            int count = Math.min(waitCount.get(), SAMPLES);
            long[] sorted = Arrays.copyOf(waits, count);
            Arrays.sort(sorted);
            System.out.printf(
                    "%5d logs, %-9s %8.0f batches/s %7.1f MiB/s %6.1f CPU s/GB   p50 %7.2f ms   p99 %7.2f ms%n",
                    logs,
                    name,
                    batches / elapsed,
                    batches * (double) batchBytes / elapsed / (1 << 20),
                    cpuSeconds / (batches * (double) batchBytes / 1e9),
                    sorted[count / 2] / 1e6,
                    sorted[(int) (count * 0.99)] / 1e6);
        } finally {
            ending = true;
            place.close();
        }
    }

    private static long cpuNanos() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return system.getProcessCpuTime();
    }
}
