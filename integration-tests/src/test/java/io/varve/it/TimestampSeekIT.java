// SPDX-License-Identifier: Apache-2.0
package io.varve.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.client.Consumer;
import io.varve.client.ConsumerRecord;
import io.varve.client.NewTopic;
import io.varve.client.OffsetAndTimestamp;
import io.varve.client.Producer;
import io.varve.client.ProducerRecord;
import io.varve.client.Start;
import io.varve.client.TopicPartition;
import io.varve.it.process.RunningNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TimestampSeekIT {
    private static final int RECORDS = 2000;
    private static final int VALUE_BYTES = 200;
    private static final int SEGMENT_BYTES = 32 * 1024;
    private static final int BATCH_BYTES = 2048;
    private static final int LOOKUPS = 40;
    private static final long START_MS =
            System.currentTimeMillis() - Duration.ofHours(1).toMillis();

    @RegisterExtension
    static final RunningNode NODE = new RunningNode(Map.of());

    private final Random random = new Random(11);

    /** Timestamps mostly rise, and sometimes fall, as those of several producers do. */
    @Test
    void shouldFindTheFirstRecordOfATimeAcrossSegments() throws IOException {
        TopicPartition partition = NODE.create(
                NewTopic.of("times", 1).config("segment.bytes", SEGMENT_BYTES).config("index.interval.bytes", 1024));
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            times.add(START_MS + i * 100L - (random.nextInt(10) == 0 ? random.nextInt(5000) : 0));
        }
        try (Producer<byte[], byte[]> producer =
                NODE.client().producer().batchSize(BATCH_BYTES).build()) {
            List<CompletableFuture<?>> sent = new ArrayList<>();
            for (long time : times) {
                sent.add(producer.send(ProducerRecord.<byte[], byte[]>of(partition.topic(), new byte[VALUE_BYTES])
                        .partition(0)
                        .timestamp(time)));
            }
            sent.forEach(CompletableFuture::join);
        }
        assertThat(NODE.segments(partition).count()).isGreaterThan(5);

        assertLookups(partition, times);
        NODE.crash();
        assertLookups(partition, times);
    }

    private void assertLookups(TopicPartition partition, List<Long> times) {
        try (Consumer<byte[], byte[]> consumer = NODE.client().consumer().build()) {
            consumer.assign(List.of(partition));
            for (int i = 0; i < LOOKUPS; i++) {
                long time = START_MS - 1000 + random.nextInt(RECORDS * 100 + 2000);
                int expected = firstAtOrAfter(times, time);
                Optional<OffsetAndTimestamp> found = consumer.offsetsForTimes(
                                Map.of(partition, Instant.ofEpochMilli(time)))
                        .getOrDefault(partition, Optional.empty());
                if (expected < 0) {
                    assertThat(found).as("time %s", time).isEmpty();
                    continue;
                }
                assertThat(found.map(OffsetAndTimestamp::offset))
                        .as("time %s", time)
                        .contains((long) expected);
                assertThat(found.map(OffsetAndTimestamp::timestampMs)).contains(times.get(expected));
                if (i % 8 == 0) {
                    consumer.seek(partition, Start.at(Instant.ofEpochMilli(time)));
                    assertThat(first(consumer).offset()).as("time %s", time).isEqualTo(expected);
                }
            }
        }
    }

    private static ConsumerRecord<byte[], byte[]> first(Consumer<byte[], byte[]> consumer) {
        return consumer.poll(Duration.ofSeconds(10)).iterator().next();
    }

    private static int firstAtOrAfter(List<Long> times, long time) {
        for (int offset = 0; offset < times.size(); offset++) {
            if (times.get(offset) >= time) {
                return offset;
            }
        }
        return -1;
    }
}
