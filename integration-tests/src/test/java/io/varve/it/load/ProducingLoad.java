// SPDX-License-Identifier: Apache-2.0
package io.varve.it.load;

import io.varve.client.Codec;
import io.varve.client.Outcome;
import io.varve.client.Producer;
import io.varve.client.ProducerRecord;
import io.varve.client.RecordMetadata;
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
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Idempotent acks=all producers, one for each topic, that go on through crashes: small batches, several of them under way for each partition. Every
 * record's outcome goes into the history of its partition. <i>Thread-safe.</i>
 */
public final class ProducingLoad implements AutoCloseable {
    /** Small, so that several batches of a partition are under way at once and segments roll. */
    private static final int BATCH_BYTES = 4096;

    private static final int VALUE_BYTES_MAX = 1500;
    /** More than five batches for each partition, and a bound on what waits while the node is down. */
    private static final int UNDER_WAY_MAX = 160;
    /** A limit on the rate, so that hundreds of runs do not fill the disk. */
    private static final int RECORDS_PER_SLICE = 40;

    private static final Duration SLICE = Duration.ofMillis(20);
    /** Longer than any sequence of restarts between two successes. */
    private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(60);

    private final Map<TopicPartition, PartitionHistory> histories = new LinkedHashMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private final List<Producer<byte[], byte[]>> producers = new ArrayList<>();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong acknowledged = new AtomicLong();
    private volatile boolean stopping;

    /** Starts producing at once; partitions are numbered from 0 in each topic. */
    public ProducingLoad(VarveClient client, List<String> topics, int partitions, long seed) {
        for (String topic : topics) {
            List<PartitionHistory> ofTopic = new ArrayList<>();
            for (int partition = 0; partition < partitions; partition++) {
                TopicPartition id = TopicPartition.of(topic, partition);
                PartitionHistory history = new PartitionHistory(id.toString());
                histories.put(id, history);
                ofTopic.add(history);
            }
            Producer<byte[], byte[]> producer = client.producer()
                    .batchSize(BATCH_BYTES)
                    .linger(Duration.ofMillis(1))
                    .compression(Codec.values()[topics.indexOf(topic) % Codec.values().length])
                    .deliveryTimeout(DELIVERY_TIMEOUT)
                    .build();
            producers.add(producer);
            Thread thread = new Thread(() -> produce(producer, topic, ofTopic, new Random(seed)), "load-" + topic);
            threads.add(thread);
        }
        threads.forEach(Thread::start);
    }

    public Map<TopicPartition, PartitionHistory> histories() {
        return histories;
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
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producers.forEach(Producer::close);
    }

    private void produce(
            Producer<byte[], byte[]> producer, String topic, List<PartitionHistory> partitions, Random random) {
        Semaphore underWay = new Semaphore(UNDER_WAY_MAX);
        try {
            for (long n = 0; !stopping; n++) {
                if (n % RECORDS_PER_SLICE == 0) {
                    Pauses.of(SLICE);
                }
                if (!underWay.tryAcquire(100, TimeUnit.MILLISECONDS)) {
                    n--;
                    continue;
                }
                int partition = (int) (n % partitions.size());
                long sequence = n / partitions.size();
                byte[] value = Payload.of(sequence, random.nextInt(VALUE_BYTES_MAX), random);
                PartitionHistory history = partitions.get(partition);
                history.sending(sequence, Payload.hashOf(value));
                ProducerRecord<byte[], byte[]> record =
                        ProducerRecord.<byte[], byte[]>of(topic, value).partition(partition);
                producer.send(record, (metadata, failure) -> {
                    decide(history, sequence, metadata, failure);
                    underWay.release();
                });
            }
        } catch (InterruptedException | RuntimeException e) {
            failures.add(e);
        }
    }

    private void decide(
            PartitionHistory history, long sequence, @Nullable RecordMetadata metadata, @Nullable Throwable failure) {
        if (failure != null) {
            failures.add(failure);
            if (failure instanceof VarveException e && e.outcome() == Outcome.NOT_APPLIED) {
                history.refused(sequence);
            }
        } else if (metadata != null && metadata.hasOffset()) {
            history.acknowledged(sequence, metadata.offset());
            acknowledged.incrementAndGet();
        }
    }
}
