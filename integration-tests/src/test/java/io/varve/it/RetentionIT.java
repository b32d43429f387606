// SPDX-License-Identifier: Apache-2.0
package io.varve.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.varve.client.Consumer;
import io.varve.client.ConsumerRecord;
import io.varve.client.NewTopic;
import io.varve.client.Producer;
import io.varve.client.ProducerRecord;
import io.varve.client.TopicPartition;
import io.varve.it.process.RunningNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RetentionIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int VALUE_BYTES = 1000;
    private static final int BATCH_BYTES = 4096;
    private static final int SEGMENT_BYTES = 32 * 1024;
    private static final int RECORDS_PER_SEGMENT_MAX = SEGMENT_BYTES / VALUE_BYTES;

    @RegisterExtension
    static final RunningNode NODE = new RunningNode(Map.of("retention.check.interval.ms", 100));

    @Test
    void shouldRemoveWholeOldSegmentsBeyondTheSize() throws IOException {
        int retentionBytes = 4 * SEGMENT_BYTES;
        TopicPartition partition = NODE.create(NewTopic.of("by-size", 1)
                .config("segment.bytes", SEGMENT_BYTES)
                .config("retention.bytes", retentionBytes));

        produce(partition, 500, System.currentTimeMillis());

        await().atMost(PATIENCE).until(() -> sizeBytes(partition) < retentionBytes + SEGMENT_BYTES);
        assertThat(sizeBytes(partition)).as("no more than needed is removed").isGreaterThanOrEqualTo(retentionBytes);
        assertReadable(partition, 500);
    }

    @Test
    void shouldRemoveSegmentsWhoseRecordsAreAllTooOld() {
        TopicPartition partition = NODE.create(NewTopic.of("by-time", 1)
                .config("segment.bytes", SEGMENT_BYTES)
                .config("retention.ms", Duration.ofMinutes(10).toMillis()));
        long now = System.currentTimeMillis();

        produce(partition, 200, now - Duration.ofMinutes(30).toMillis());
        produce(partition, 200, now);

        await().atMost(PATIENCE).until(() -> beginning(partition) > 200 - RECORDS_PER_SEGMENT_MAX);
        assertThat(beginning(partition)).as("what is young stays").isLessThanOrEqualTo(200);
        assertReadable(partition, 400);
    }

    @Test
    void shouldKeepWhatIsNeitherOldNorTooMuch() {
        TopicPartition partition = NODE.create(NewTopic.of("kept", 1).config("segment.bytes", SEGMENT_BYTES));

        produce(partition, 200, System.currentTimeMillis());

        await().during(Duration.ofMillis(500)).atMost(PATIENCE).until(() -> beginning(partition) == 0);
    }

    private static void produce(TopicPartition partition, int records, long timeMs) {
        try (Producer<byte[], byte[]> producer =
                NODE.client().producer().batchSize(BATCH_BYTES).build()) {
            List<CompletableFuture<?>> sent = new ArrayList<>();
            for (int i = 0; i < records; i++) {
                sent.add(producer.send(ProducerRecord.<byte[], byte[]>of(partition.topic(), new byte[VALUE_BYTES])
                        .partition(0)
                        .timestamp(timeMs)));
            }
            sent.forEach(CompletableFuture::join);
        }
    }

    private static long beginning(TopicPartition partition) {
        try (Consumer<byte[], byte[]> consumer = NODE.client().consumer().build()) {
            return consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, -1L);
        }
    }

    /** Everything from the beginning that is left to the end, without a hole. */
    private static void assertReadable(TopicPartition partition, long end) {
        try (Consumer<byte[], byte[]> consumer = NODE.client().consumer().build()) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long next = consumer.position(partition);
            assertThat(next).isPositive();
            while (next < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(PATIENCE)) {
                    assertThat(record.offset()).isEqualTo(next++);
                }
            }
        }
    }

    private static long sizeBytes(TopicPartition partition) throws IOException {
        long total = 0;
        for (Path segment : NODE.segments(partition).toList()) {
            // the directory was listed before: a segment may be gone by now
            total += Files.exists(segment) ? Files.size(segment) : 0;
        }
        return total;
    }
}
