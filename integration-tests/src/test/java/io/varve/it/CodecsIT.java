// SPDX-License-Identifier: Apache-2.0
package io.varve.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.client.Codec;
import io.varve.client.Consumer;
import io.varve.client.ConsumerRecord;
import io.varve.client.Header;
import io.varve.client.NewTopic;
import io.varve.client.Producer;
import io.varve.client.ProducerRecord;
import io.varve.client.Serde;
import io.varve.client.TopicPartition;
import io.varve.it.process.RunningNode;
import io.varve.record.BatchHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each codec through a real node and back. */
class CodecsIT {
    private static final int RECORDS = 2000;

    @RegisterExtension
    static final RunningNode NODE = new RunningNode(Map.of());

    @ParameterizedTest
    @EnumSource(Codec.class)
    void shouldGiveBackWhatWasSent(Codec codec) throws IOException {
        TopicPartition partition =
                NODE.create(NewTopic.of("codec-" + codec.name().toLowerCase(Locale.ROOT), 1));
        List<ProducerRecord<String, String>> sent = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            ProducerRecord<String, String> record =
                    ProducerRecord.of(partition.topic(), i % 3 == 0 ? null : "key " + i, i % 5 == 0 ? null : text(i));
            sent.add(i % 7 == 0 ? record.header("n", "" + i).header("empty", "") : record);
        }

        try (Producer<String, String> producer = NODE.client()
                .producer(Serde.string(), Serde.string())
                .compression(codec)
                .linger(Duration.ofMillis(20))
                .build()) {
            producer.sendAll(sent).forEach(CompletableFuture::join);
        }

        assertThat(read(partition))
                .isEqualTo(sent.stream().map(CodecsIT::content).toList());
        assertThat(codecOfFirstBatch(partition)).isEqualTo(codec.name());
    }

    private static List<Object> read(TopicPartition partition) {
        List<Object> read = new ArrayList<>();
        try (Consumer<String, String> consumer =
                NODE.client().consumer(Serde.string(), Serde.string()).build()) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            while (read.size() < RECORDS) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(10))) {
                    assertThat(record.offset()).isEqualTo(read.size());
                    read.add(content(record.key(), record.value(), record.headers()));
                }
            }
        }
        return read;
    }

    private static String codecOfFirstBatch(TopicPartition partition) throws IOException {
        ByteBuffer segment = ByteBuffer.wrap(
                Files.readAllBytes(NODE.segments(partition).findFirst().orElseThrow()));
        return String.valueOf(BatchHeader.codec(segment, 0));
    }

    private static Object content(ProducerRecord<String, String> record) {
        return content(record.key(), record.value(), record.headers());
    }

    private static Object content(@Nullable String key, @Nullable String value, List<Header> headers) {
        return key + "|" + value + "|" + headers;
    }

    private static String text(int i) {
        return "layer " + i + " upon layer".repeat(i % 20);
    }
}
