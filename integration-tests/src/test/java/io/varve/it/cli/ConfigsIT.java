// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.varve.client.Producer;
import io.varve.client.ProducerRecord;
import io.varve.client.VarveClient;
import io.varve.it.process.ClusterProcesses;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three processes: configs that change while they run, and are still so after all were restarted. */
@SuppressWarnings("NullAway.Init")
class ConfigsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path directory;

    private static ClusterProcesses cluster;
    private static Varve varve;

    @BeforeAll
    static void start() throws IOException {
        cluster = ClusterProcesses.format(directory, 3);
        cluster.startAll();
        varve = Varve.in(directory).with("VARVE_BOOTSTRAP", cluster.bootstrap());
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void shouldBoundAProducerThatIsAtWorkAndForgetNothingOverARestart() throws IOException {
        varve.ok("topic", "create", "orders", "-p", "1", "-r", "3");
        try (VarveClient client =
                        VarveClient.builder().bootstrap(cluster.bootstrap()).build();
                Producer<byte[], byte[]> producer = client.producer().build()) {
            send(producer, 20_000);
            assertThat(text("topic", "alter", "orders", "--set", "max.message.bytes=10000", "--dry-run"))
                    .contains("WOULD BE", "1048576", "10000");
            send(producer, 20_000);
            assertThat(text("topic", "alter", "orders", "--set", "max.message.bytes=10000"))
                    .contains("max.message.bytes", "1048576", "10000", "with the next batch");
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThatThrownBy(() -> send(producer, 20_000)).hasMessageContaining("10000"));
            send(producer, 1_000);
            varve.ok("config", "unset", "topic", "orders", "max.message.bytes");
            await().atMost(PATIENCE).untilAsserted(() -> send(producer, 20_000));
        }
        varve.ok("config", "set", "topic", "orders", "retention.ms=86400000", "min.insync.replicas=3");
        cluster.stopAll();
        cluster.startAll();

        for (int id : cluster.ids()) {
            Varve asked = varve.with("VARVE_BOOTSTRAP", cluster.files(id).bootstrap());
            JsonNode configs = JSON.readTree(asked.ok(
                            "config", "get", "topic", "orders", "retention.ms", "min.insync.replicas", "-o", "json"))
                    .at("/topics/0/configs");
            assertThat(configs.at("/0/value").asText()).isEqualTo("3");
            assertThat(configs.at("/1/value").asText()).isEqualTo("86400000");
            assertThat(configs.at("/1/source").asText()).isEqualTo("CONFIG_SOURCE_TOPIC");
        }
        assertThat(text("topic", "describe", "orders")).contains("MIN-ISR 3", "CONFIG retention.ms=86400000");
    }

    @Test
    void shouldNameEverythingThatIsWrongAndTheWayOut() throws IOException {
        varve.ok("topic", "create", "kept", "-r", "3");
        Varve.Ended refused = varve.run(
                "topic",
                "alter",
                "kept",
                "--set",
                "retention.msec=1",
                "--set",
                "segment.bytes=5",
                "--unset",
                "durability");
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err())
                .startsWith("error: INVALID_CONFIG: topic kept: ")
                .contains("retention.msec", "\"retention.ms\"", "segment.bytes = 5", "1024");
        assertThat(varve.run("topic", "alter", "keptt", "--set", "retention.ms=1")
                        .exitCode())
                .isEqualTo(3);
        Varve.Ended unknown = varve.run("config", "explain", "retention.msec");
        assertThat(unknown.exitCode()).isEqualTo(3);
        assertThat(unknown.err()).contains("did you mean retention.ms?");
        assertThat(varve.run("config", "get", "broker", "9").err()).contains("node 9 is not registered");
        assertThat(text("config", "get", "topic", "kept")).doesNotContain("  topic  ");
    }

    @Test
    void shouldTellWhatEveryNodeWasStartedWith() throws IOException {
        for (int id : cluster.ids()) {
            String settings = text("config", "get", "broker", String.valueOf(id));
            assertThat(settings)
                    .containsPattern("node\\.id +" + id + " .*node\\.yaml:\\d+ .*restart")
                    .containsPattern("io\\.threads +8 +threads +default +8 +restart");
        }
        assertThat(text("config", "diff", "broker", "1", "2"))
                .contains("node.id", "raft.bind")
                .doesNotContain("io.threads");
        assertThat(text("config", "explain", "retention.ms"))
                .contains("DEFAULT       604800000 ms", "varve topic alter TOPIC --set retention.ms=");
        assertThat(text("config", "explain")).contains("durability", "session.timeout.ms");
    }

    @Test
    void shouldDeleteTheRecordsBeforeAPositionOnAllNodesAndForGood() throws IOException {
        varve.ok("topic", "create", "trimmed", "-p", "2", "-r", "3");
        for (int p = 0; p < 2; p++) {
            byte[] lines = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n".getBytes(UTF_8);
            assertThat(varve.feed(lines, "produce", "trimmed", "-p", String.valueOf(p))
                            .exitCode())
                    .isZero();
        }
        Varve.Ended unasked = varve.run("topic", "trim", "trimmed", "--before", "4");
        assertThat(unasked.exitCode()).isEqualTo(2);
        assertThat(unasked.err()).contains("This deletes 8 records for good", "trimmed:0 from 0 up to 3", "-y");
        assertThat(text("topic", "trim", "trimmed", "--before", "4", "--dry-run"))
                .contains("WOULD BE");
        assertThat(text("consume", "trimmed", "-p", "0")).isEqualTo("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");

        assertThat(text("topic", "trim", "trimmed:0", "--before", "4", "-y")).containsPattern("trimmed:0 +0 +4");
        assertThat(text("consume", "trimmed", "-p", "0")).isEqualTo("e\nf\ng\nh\ni\nj\n");
        assertThat(text("consume", "trimmed", "-p", "1")).isEqualTo("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
        JsonNode done = JSON.readTree(varve.ok("topic", "trim", "trimmed:1", "--before", "end", "-y", "-o", "json"));
        assertThat(done.at("/results/0/logStartOffset").asText()).isEqualTo("10");
        assertThat(text("topic", "trim", "trimmed", "--before", "2", "-y"))
                .as("deleted already")
                .contains("WOULD BE");

        // Whoever leads next begins where this leader did.
        for (int id : cluster.ids()) {
            if (varve.run("partition", "transfer-leader", "trimmed:0", "--to", String.valueOf(id))
                            .exitCode()
                    == 0) {
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(text("consume", "trimmed", "-p", "0"))
                                .isEqualTo("e\nf\ng\nh\ni\nj\n"));
            }
        }
        cluster.stopAll();
        cluster.startAll();
        assertThat(text("consume", "trimmed", "-p", "0")).isEqualTo("e\nf\ng\nh\ni\nj\n");
        assertThat(text("consume", "trimmed", "-p", "1")).isEmpty();
    }

    private static void send(Producer<byte[], byte[]> producer, int bytes) {
        producer.sendSync(ProducerRecord.<byte[], byte[]>of("orders", new byte[bytes]));
    }

    private static String text(String... command) throws IOException {
        return new String(varve.ok(command), UTF_8);
    }
}
