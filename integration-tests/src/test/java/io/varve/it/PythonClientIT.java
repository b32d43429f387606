// SPDX-License-Identifier: Apache-2.0
package io.varve.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.varve.client.Consumer;
import io.varve.client.ConsumerRecord;
import io.varve.client.NewTopic;
import io.varve.client.ProducerRecord;
import io.varve.client.Serde;
import io.varve.client.TopicPartition;
import io.varve.it.process.Commands;
import io.varve.it.process.RunningNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A client of another language, with stubs generated from our .proto files. {@code dev/python-client install} provides what it needs. */
class PythonClientIT {
    private static final Path SOURCES = Path.of(System.getProperty("varve.sources", ".."));

    @RegisterExtension
    static final RunningNode NODE = new RunningNode(Map.of());

    @Test
    void shouldAppendAndReadThroughGeneratedStubs() throws IOException {
        String script = SOURCES.resolve("dev/python-client").toString();
        assumeTrue(runs(script, "check"), "skipped: dev/python-client install (as root) provides what is missing");
        TopicPartition partition = NODE.create(NewTopic.of("polyglot", 1));
        try (var producer =
                NODE.client().producer(Serde.string(), Serde.string()).build()) {
            producer.sendSync(
                    ProducerRecord.of(partition.topic(), "from", "java").header("lang", "java"));
        }

        String said =
                Commands.run(List.of(script, "append-and-read", NODE.files().bootstrap(), partition.topic()));

        assertThat(said.lines())
                .containsExactly(
                        "0 from java lang=java",
                        "1 from python lang=python",
                        "2 None text lang=None",
                        "3 None None",
                        "UNKNOWN_TOPIC_OR_PARTITION NOT_FOUND");
        assertThat(read(partition)).containsExactly("from=java", "from=python", "null=text", "null=null");
    }

    private static List<String> read(TopicPartition partition) {
        List<String> read = new ArrayList<>();
        try (Consumer<String, String> consumer =
                NODE.client().consumer(Serde.string(), Serde.string()).build()) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            while (read.size() < 4) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(10))) {
                    read.add(record.key() + "=" + record.value());
                }
            }
        }
        return read;
    }

    private static boolean runs(String... command) {
        try {
            Commands.run(List.of(command));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
