// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.bench;

import io.varve.cli.CommandFailure;
import io.varve.cli.Console;
import io.varve.cli.Failures;
import io.varve.cli.Interruption;
import io.varve.cli.Progress;
import io.varve.cli.Throughput;
import io.varve.client.Producer;
import io.varve.client.ProducerRecord;
import io.varve.client.VarveException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/** Sends from one thread per producer and measures. Confined to one thread, but for what the callbacks count. */
final class ProduceLoad {
    /** Different enough for no codec to make anything of it, few enough to stay out of the way. */
    private static final int VALUES = 64;

    private static final Duration FAREWELL = Duration.ofSeconds(30);
    private static final long TICK_NANOS = 100_000_000;

    private final Console console;
    private final List<Producer<byte[], byte[]>> producers;
    private final String topic;
    private final BenchProduce.Load load;
    private final byte[][] values;

    private final Recorder latency = new Recorder(TimeUnit.MINUTES.toMicros(2), 3);
    private final LongAdder acknowledged = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final AtomicReference<@Nullable CommandFailure> failure = new AtomicReference<>();
    // Written by the thread of a signal, read by those that send.
    private volatile boolean stopped;

    ProduceLoad(Console console, List<Producer<byte[], byte[]>> producers, String topic, BenchProduce.Load load) {
        this.console = console;
        this.producers = producers;
        this.topic = topic;
        this.load = load;
        SplittableRandom random = new SplittableRandom(1);
        values = new byte[VALUES][Math.toIntExact(load.size)];
        for (byte[] value : values) {
            random.nextBytes(value);
        }
    }

    Optional<CommandFailure> firstFailure() {
        return Optional.ofNullable(failure.get());
    }

    BenchReport run(List<Long> nodePids, Map<String, Object> setting) throws InterruptedException {
        try (Interruption interruption = Interruption.stopsBy(() -> stopped = true, FAREWELL)) {
            if (load.warmup > 0) {
                sendAll(load.warmup, Progress.none());
                latency.reset();
                acknowledged.reset();
            }
            long retriesBefore = retries();
            CpuMeter cpu = CpuMeter.start(nodePids, console);
            long startNanos = System.nanoTime();
            try (Progress progress = Progress.of(console, topic, load.records)) {
                sendAll(load.records, progress);
            }
            long bytes = acknowledged.sum() * load.size;
            Throughput throughput = Throughput.since(startNanos, acknowledged.sum(), bytes);
            return new BenchReport(
                    throughput,
                    failed.sum(),
                    retries() - retriesBefore,
                    Optional.of(latency.getIntervalHistogram()),
                    cpu.stop(bytes),
                    setting);
        }
    }

    private long retries() {
        return producers.stream().mapToLong(p -> p.metrics().batchesRetried()).sum();
    }

    /** Returns when everything sent has its outcome. */
    private void sendAll(long records, Progress progress) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < producers.size(); i++) {
            Producer<byte[], byte[]> producer = producers.get(i);
            long share = records / producers.size() + (i < records % producers.size() ? 1 : 0);
            Thread thread = new Thread(() -> send(producer, share), "bench-" + i);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                thread.join(TimeUnit.NANOSECONDS.toMillis(TICK_NANOS));
                progress.stepTo(acknowledged.sum());
            }
        }
    }

    private void send(Producer<byte[], byte[]> producer, long records) {
        double intervalNanos = load.rate == 0 ? 0 : 1e9 * producers.size() / load.rate;
        long beganNanos = System.nanoTime();
        for (long i = 0; i < records && !stopped && failure.get() == null; i++) {
            // With a rate, a late record counts from when it was due: else a stall would hide itself.
            long dueNanos = load.rate == 0 ? System.nanoTime() : beganNanos + (long) (i * intervalNanos);
            for (long wait = dueNanos - System.nanoTime(); wait > 0; wait = dueNanos - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            byte[] value = values[(int) (i % VALUES)];
            producer.send(ProducerRecord.of(topic, value), (stored, error) -> completed(dueNanos, error));
        }
        producer.flush();
    }

    private void completed(long dueNanos, @Nullable VarveException error) {
        if (error == null) {
            acknowledged.increment();
            latency.recordValue(Math.min(
                    TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - dueNanos), TimeUnit.MINUTES.toMicros(2)));
        } else {
            failed.increment();
            failure.compareAndSet(null, Failures.of(error));
        }
    }
}
