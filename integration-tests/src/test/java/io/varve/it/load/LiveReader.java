// SPDX-License-Identifier: Apache-2.0
package io.varve.it.load;

import io.varve.client.Consumer;
import io.varve.client.ConsumerRecord;
import io.varve.client.Start;
import io.varve.client.TopicPartition;
import io.varve.client.VarveClient;
import io.varve.it.history.ConsumedRecord;
import io.varve.it.process.Pauses;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A consumer that reads partitions from their beginning on a thread of its own, and remembers everything. <i>Thread-safe.</i> */
public final class LiveReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration LOOK = Duration.ofMillis(20);

    private final String name;
    private final Thread thread;
    private final Map<TopicPartition, List<ConsumedRecord>> read = new HashMap<>(); // guarded by itself
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean stopping;

    /** Starts reading at once. */
    public LiveReader(String name, VarveClient client, List<TopicPartition> partitions) {
        this.name = name;
        partitions.forEach(p -> read.put(p, new ArrayList<>()));
        thread = new Thread(() -> follow(client, partitions), name);
        thread.start();
    }

    public String name() {
        return name;
    }

    /** In the order given. */
    public List<ConsumedRecord> read(TopicPartition partition) {
        synchronized (read) {
            return List.copyOf(read.getOrDefault(partition, List.of()));
        }
    }

    /** What a poll threw. */
    public List<Throwable> failures() {
        return List.copyOf(failures);
    }

    /** Returns when so much was read, nothing more can come, or the time is up. */
    public void await(Map<TopicPartition, Long> endOffsets, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!hasReached(endOffsets) && thread.isAlive() && System.nanoTime() - deadline < 0) {
            Pauses.of(LOOK);
        }
    }

    @Override
    public void close() {
        stopping = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean hasReached(Map<TopicPartition, Long> endOffsets) {
        synchronized (read) {
            return endOffsets.entrySet().stream().allMatch(end -> {
                List<ConsumedRecord> records = read.getOrDefault(end.getKey(), List.of());
                return end.getValue() == 0
                        || !records.isEmpty() && records.get(records.size() - 1).offset() >= end.getValue() - 1;
            });
        }
    }

    private void follow(VarveClient client, List<TopicPartition> partitions) {
        try (Consumer<byte[], byte[]> consumer =
                client.consumer().startFrom(Start.EARLIEST).build()) {
            consumer.assign(partitions);
            while (!stopping) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    remember(record);
                }
            }
        } catch (RuntimeException e) {
            failures.add(e);
        }
    }

    private void remember(ConsumerRecord<byte[], byte[]> record) {
        byte[] value = record.value();
        synchronized (read) {
            read.getOrDefault(record.topicPartition(), new ArrayList<>())
                    .add(new ConsumedRecord(record.offset(), Payload.sequenceOf(value), Payload.hashOf(value)));
        }
    }
}
