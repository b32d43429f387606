// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.demo;

import io.varve.client.Consumer;
import io.varve.client.ConsumerRecord;
import io.varve.client.OutOfRange;
import io.varve.client.Start;
import io.varve.client.TopicPartition;
import io.varve.client.VarveClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reads all partitions on a thread of its own while they are written. Thread-safe. */
final class Reader implements Runnable {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int RECORDS_PER_POLL = 5_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final VarveClient client;
    private final List<TopicPartition> partitions;
    private final Sightings sightings;
    private volatile boolean lastRecordsWritten;
    private volatile boolean ended;
    private volatile @Nullable RuntimeException failure;

    Reader(VarveClient client, String topic, int partitionCount, Sightings sightings) {
        this.client = client;
        this.partitions = IntStream.range(0, partitionCount)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
        this.sightings = sightings;
    }

    /** Nothing more is written: reads to the ends as they are now, and ends. */
    void finish() {
        lastRecordsWritten = true;
    }

    boolean hasEnded() {
        return ended;
    }

    @Nullable
    RuntimeException failure() {
        return failure;
    }

    @Override
    public void run() {
        try (Consumer<byte[], byte[]> consumer = client.consumer()
                .startFrom(Start.EARLIEST)
                .onOutOfRange(OutOfRange.FAIL)
                .maxPollRecords(RECORDS_PER_POLL)
                .build()) {
            consumer.assign(partitions);
            while (!lastRecordsWritten) {
                readSome(consumer);
            }
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())
                    && System.nanoTime() - deadline < 0) {
                readSome(consumer);
            }
        } catch (RuntimeException e) {
            failure = e;
        } finally {
            ended = true;
        }
    }

    private void readSome(Consumer<byte[], byte[]> consumer) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            sightings.saw(record.partition(), record.offset(), record.key(), record.value());
        }
    }
}
