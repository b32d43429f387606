// SPDX-License-Identifier: Apache-2.0
package io.varve.it.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.client.Consumer;
import io.varve.client.ConsumerRecord;
import io.varve.client.Producer;
import io.varve.client.ProducerRecord;
import io.varve.client.RecordMetadata;
import io.varve.client.Serde;
import io.varve.client.TopicPartition;
import io.varve.client.VarveClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Records put into a topic and taken out again, each as {@code PARTITION:OFFSET VALUE}. */
final class Records {
    private static final Duration STUCK = Duration.ofSeconds(60);

    private Records() {}

    /** Sends so many records and waits for every acknowledgement; returns what is stored now. */
    static List<String> produce(VarveClient client, String topic, int count) {
        try (Producer<String, String> producer =
                client.producer(Serde.string(), Serde.string()).build()) {
            List<CompletableFuture<RecordMetadata>> sent = IntStream.range(0, count)
                    .mapToObj(i -> producer.send(ProducerRecord.of(topic, "key " + i, "value " + i)))
                    .toList();
            producer.flush();
            List<String> stored = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                RecordMetadata at = sent.get(i).join();
                stored.add(at.partition() + ":" + at.offset() + " value " + i);
            }
            return stored;
        }
    }

    /** Everything from the beginning to the end seen at the start. */
    static List<String> read(VarveClient client, String topic) {
        List<TopicPartition> partitions = client.admin().describeTopic(topic).join().partitions().stream()
                .map(p -> TopicPartition.of(topic, p.partition()))
                .toList();
        List<String> read = new ArrayList<>();
        try (Consumer<String, String> consumer =
                client.consumer(Serde.string(), Serde.string()).build()) {
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long deadline = System.nanoTime() + STUCK.toNanos();
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                assertThat(System.nanoTime() - deadline)
                        .as("reading up to " + ends)
                        .isNegative();
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(500))) {
                    read.add(record.partition() + ":" + record.offset() + " " + record.value());
                }
            }
        }
        return read;
    }
}
