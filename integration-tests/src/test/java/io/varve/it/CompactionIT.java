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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CompactionIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int RECORDS = 5000;
    private static final int KEYS = 40;

    /** Without memory for readers at the tail, which gives out what is already compacted on disk. */
    @RegisterExtension
    static final RunningNode NODE = new RunningNode(Map.of("compaction.check.interval.ms", 50, "tail.cache.bytes", 0));

    @Test
    void shouldKeepTheLastValueOfEachKeyAndForgetWhatWasDeleted() {
        TopicPartition partition = NODE.create(NewTopic.of("compacted", 1)
                .config("cleanup.policy", "compact")
                .config("segment.bytes", 16 * 1024)
                .config("min.cleanable.dirty.ratio", "0.1")
                .config("delete.retention.ms", 0));
        Map<String, String> expected = produce(partition.topic());

        await().atMost(PATIENCE).until(() -> read(partition).size() < RECORDS / 5);

        Map<String, String> last = new HashMap<>();
        long offset = -1;
        for (ConsumerRecord<byte[], byte[]> record : read(partition)) {
            assertThat(record.offset()).as("in order").isGreaterThan(offset);
            offset = record.offset();
            byte[] value = record.value();
            if (value == null) {
                last.remove(text(record.key()));
            } else {
                last.put(text(record.key()), text(value));
            }
        }
        assertThat(last).isEqualTo(expected);
        assertThat(offset).as("the newest record stays where it was").isEqualTo(RECORDS - 1);
    }

    @Test
    void shouldCompactNothingUnlessTheTopicSaysSo() {
        TopicPartition partition = NODE.create(NewTopic.of("kept-whole", 1).config("segment.bytes", 16 * 1024));
        produce(partition.topic());

        await().during(Duration.ofMillis(500))
                .atMost(PATIENCE)
                .until(() -> read(partition).size() == RECORDS);
    }

    /** Returns what the last of each key say. */
    private static Map<String, String> produce(String topic) {
        Random random = new Random(1);
        Map<String, String> last = new HashMap<>();
        try (Producer<byte[], byte[]> producer =
                NODE.client().producer().batchSize(2048).build()) {
            List<CompletableFuture<?>> sent = new ArrayList<>();
            for (int i = 0; i < RECORDS; i++) {
                String key = "key" + random.nextInt(KEYS);
                String value = random.nextInt(4) == 0 && i < RECORDS - 1 ? null : "value" + i;
                ProducerRecord<byte[], byte[]> record =
                        ProducerRecord.<byte[], byte[]>of(topic, bytes(key), value == null ? null : bytes(value));
                sent.add(producer.send(record));
                if (value == null) {
                    last.remove(key);
                } else {
                    last.put(key, value);
                }
            }
            sent.forEach(CompletableFuture::join);
        }
        return last;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte @Nullable [] bytes) {
        return new String(Objects.requireNonNull(bytes), StandardCharsets.UTF_8);
    }

    /** Everything that is left, from the beginning to the end. */
    private static List<ConsumerRecord<byte[], byte[]>> read(TopicPartition partition) {
        try (Consumer<byte[], byte[]> consumer = NODE.client().consumer().build()) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
            while (consumer.position(partition) < RECORDS) {
                consumer.poll(Duration.ofMillis(200)).forEach(all::add);
            }
            return all;
        }
    }
}
