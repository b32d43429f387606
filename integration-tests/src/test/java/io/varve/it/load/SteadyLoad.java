// SPDX-License-Identifier: Apache-2.0
package io.varve.it.load;

import io.varve.client.BufferFull;
import io.varve.client.Outcome;
import io.varve.client.Producer;
import io.varve.client.ProducerRecord;
import io.varve.client.TopicPartition;
import io.varve.client.VarveClient;
import io.varve.client.VarveException;
import io.varve.it.history.PartitionHistory;
import io.varve.it.process.Pauses;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Idempotent acks=all producers that send so many records a second whatever becomes of them, each to all partitions in turn. Every outcome goes into a
 * history, every acknowledgement's time is kept. <i>Thread-safe.</i>
 */
public final class SteadyLoad implements AutoCloseable {
    private static final Duration TICK = Duration.ofMillis(1);
    /** Longer than any outage that passes. */
    private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(180);

    /** @param recordsPerSecond of all producers together */
    public record Settings(int producers, int recordsPerSecond, int valueBytes) {}

    private final Settings settings;
    private final List<TopicPartition> partitions;
    private final Map<TopicPartition, List<PartitionHistory>> histories = new LinkedHashMap<>();
    private final Map<TopicPartition, AckTimes> times = new LinkedHashMap<>();
    private final List<Producer<byte[], byte[]>> producers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong acknowledged = new AtomicLong();
    private volatile boolean stopping;

    /** Starts sending at once. */
    public SteadyLoad(VarveClient client, List<TopicPartition> partitions, Settings settings, long seed) {
        this.settings = settings;
        this.partitions = List.copyOf(partitions);
        for (TopicPartition partition : partitions) {
            histories.put(partition, new ArrayList<>());
            times.put(partition, new AckTimes());
        }
        for (int number = 0; number < settings.producers(); number++) {
            Producer<byte[], byte[]> producer = client.producer()
                    .deliveryTimeout(DELIVERY_TIMEOUT)
                    .onBufferFull(BufferFull.BLOCK)
                    .build();
            producers.add(producer);
            Random random = new Random(seed + number);
            List<Target> targets = targets(number);
            threads.add(new Thread(() -> produce(producer, targets, random), "load-" + number));
        }
        threads.forEach(Thread::start);
    }

    /** A partition, for one producer. */
    private record Target(TopicPartition partition, PartitionHistory history, AckTimes times, long firstSequence) {}

    private List<Target> targets(int producer) {
        List<Target> targets = new ArrayList<>();
        histories.forEach((partition, ofPartition) -> {
            PartitionHistory history = new PartitionHistory(partition.toString());
            ofPartition.add(history);
            targets.add(new Target(partition, history, times(partition), PartitionHistory.firstSequence(producer)));
        });
        return targets;
    }

    public List<TopicPartition> partitions() {
        return partitions;
    }

    /** One history for each producer. */
    public List<PartitionHistory> histories(TopicPartition partition) {
        return histories.getOrDefault(partition, List.of());
    }

    public AckTimes times(TopicPartition partition) {
        AckTimes found = times.get(partition);
        if (found == null) {
            throw new IllegalArgumentException(partition + " is not among " + partitions);
        }
        return found;
    }

    public long acknowledged() {
        return acknowledged.get();
    }

    /** Failures of single records, and of the threads themselves. */
    public List<Throwable> failures() {
        return List.copyOf(failures);
    }

    /** Stops sending, and waits for the outcome of everything under way. */
    @Override
    public void close() {
        stopping = true;
        join();
        producers.forEach(Producer::close);
    }

    /** Stops sending, and waits for nothing. */
    public void abandon() {
        stopping = true;
        producers.forEach(producer -> producer.close(Duration.ZERO));
        join();
    }

    private void join() {
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void produce(Producer<byte[], byte[]> producer, List<Target> targets, Random random) {
        long intervalNanos = TimeUnit.SECONDS.toNanos(1) * settings.producers() / settings.recordsPerSecond();
        long begin = System.nanoTime();
        try {
            for (long n = 0; !stopping; n++) {
                while (!stopping && System.nanoTime() - begin < n * intervalNanos) {
                    Pauses.of(TICK);
                }
                Target target = targets.get((int) (n % targets.size()));
                send(producer, target, target.firstSequence() + n / targets.size(), random);
            }
        } catch (RuntimeException e) {
            failures.add(e);
        }
    }

    private void send(Producer<byte[], byte[]> producer, Target target, long sequence, Random random) {
        byte[] value = Payload.of(sequence, settings.valueBytes(), random);
        target.history().sending(sequence, Payload.hashOf(value));
        ProducerRecord<byte[], byte[]> record = ProducerRecord.<byte[], byte[]>of(
                        target.partition().topic(), value)
                .partition(target.partition().partition());
        long sent = System.nanoTime();
        producer.send(record, (metadata, failure) -> {
            if (metadata != null) {
                target.times().acknowledged(sent, System.nanoTime());
                target.history().acknowledged(sequence, metadata.offset());
                acknowledged.incrementAndGet();
            } else if (failure != null) {
                failed(target.history(), sequence, failure);
            }
        });
    }

    private void failed(PartitionHistory history, long sequence, VarveException failure) {
        failures.add(failure);
        if (failure.outcome() == Outcome.NOT_APPLIED) {
            history.refused(sequence);
        }
    }
}
