// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CliIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    static final LocalCluster CLUSTER = new LocalCluster();

    private final Varve varve = CLUSTER.varve();
    private final String topic = "t-" + UUID.randomUUID().toString().substring(0, 8);

    @ParameterizedTest
    @CsvSource({"LF,true", "LF,false", "CRLF,true", "CRLF,false"})
    void shouldGiveBackAFileByteForByte(String lineEnd, boolean finalLineEnd) throws IOException {
        byte[] file = LogFile.of(11, lineEnd.equals("LF") ? "\n" : "\r\n", finalLineEnd);
        varve.ok("topic", "create", topic);

        Varve.Ended produced =
                varve.run("produce", topic, "--from-file", write(file).toString());

        assertThat(produced.exitCode()).as(produced.err()).isZero();
        assertThat(produced.err()).startsWith(topic + ": ").contains(" records acknowledged, ");
        assertThat(varve.ok("consume", topic)).isEqualTo(LogFile.consumed(file));
    }

    @Test
    void shouldGiveBackAFileOfManyPartitionsAsAMultiset() throws IOException {
        byte[] file = LogFile.of(12, "\r\n", false);
        varve.ok("topic", "create", topic, "-p", "6");

        varve.ok("produce", topic, "--from-file", write(file).toString(), "-z", "zstd");

        assertThat(LogFile.sortedLines(varve.ok("consume", topic))).isEqualTo(LogFile.sortedLines(file));
    }

    @Test
    void shouldTakeStandardInputAndKeepEveryByte() throws IOException {
        byte[] file = LogFile.binary(13);
        varve.ok("topic", "create", topic);

        assertThat(varve.feed(file, "produce", topic).exitCode()).isZero();

        assertThat(varve.ok("consume", topic)).isEqualTo(file);
    }

    @Test
    void shouldPrintKeysHeadersAndPlacesAsTheFormatSays() throws IOException {
        varve.ok("topic", "create", topic);
        varve.ok("produce", topic, "-k", "order-1", "-H", "source=cli", "-H", "x=", "{\"id\":1}");
        varve.feed("k2\tv2\nk3\tv3".getBytes(UTF_8), "produce", topic, "-f", "%k\\t%v\\n");

        byte[] printed = varve.ok("consume", topic, "-f", "%t/%p:%o %k %h{%k=%v,} %v %V\\n");

        assertThat(new String(printed, UTF_8))
                .isEqualTo("%1$s/0:0 order-1 source=cli,x=, {\"id\":1} 8%n%1$s/0:1 k2  v2 2%n%1$s/0:2 k3  v3 2%n"
                        .formatted(topic));
    }

    @Test
    void shouldPrintOneObjectPerLine() throws IOException {
        varve.ok("topic", "create", topic);
        varve.ok("produce", topic, "-k", "k", "caf\u00e9");
        varve.feed(new byte[] {(byte) 0xff}, "produce", topic);

        String[] lines = new String(varve.ok("consume", topic, "-o", "jsonl"), UTF_8).split("\n", -1);

        assertThat(lines).hasSize(3);
        assertThat(JSON.readTree(lines[0]).get("value").asText()).isEqualTo("caf\u00e9");
        assertThat(JSON.readTree(lines[1]).get("valueBase64").asText()).isEqualTo("/w==");
        assertThat(JSON.readTree(lines[1]).get("offset").asText()).isEqualTo("1");
        assertThat(JSON.readTree(varve.ok("consume", topic, "-o", "json"))).hasSize(2);
    }

    @Test
    void shouldReadBetweenPositions() throws IOException {
        varve.ok("topic", "create", topic);
        varve.feed("0\n1\n2\n3\n4\n".getBytes(UTF_8), "produce", topic, "-f", "%v\\n");
        varve.feed("1000 5\n2000 6\n".getBytes(UTF_8), "produce", topic, "-f", "%d %v\\n");

        assertThat(consumed("--from", "2", "--to", "4")).isEqualTo("2\n3\n");
        assertThat(consumed("-n", "2")).isEqualTo("0\n1\n");
        assertThat(consumed("--from", "end")).isEmpty();
        assertThat(consumed("--from", "@-1h", "-n", "1")).isEqualTo("0\n");
        assertThat(consumed("--from", "99")).isEmpty();
    }

    @Test
    void shouldFollowUntilItIsInterrupted() throws IOException, InterruptedException {
        varve.ok("topic", "create", topic);
        varve.ok("produce", topic, "before");
        Process follower = varve.start("consume", topic, "-F");
        try (BufferedReader out = new BufferedReader(new InputStreamReader(follower.getInputStream(), UTF_8))) {
            assertThat(out.readLine()).isEqualTo("before");
            varve.ok("produce", topic, "after");
            assertThat(out.readLine()).isEqualTo("after");

            // SIGINT, as Ctrl-C sends it.
            new ProcessBuilder("kill", "-INT", String.valueOf(follower.pid()))
                    .start()
                    .waitFor();

            assertThat(follower.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(follower.exitValue()).isEqualTo(130);
            assertThat(new String(follower.getErrorStream().readAllBytes(), UTF_8))
                    .startsWith("2 records, ");
        } finally {
            follower.destroyForcibly();
        }
    }

    @Test
    void shouldEndQuietlyWhenNobodyReadsItsOutput() throws IOException {
        varve.ok("topic", "create", topic);
        varve.ok(
                "produce",
                topic,
                "--from-file",
                write(LogFile.of(14, "\n", true)).toString());
        Path script = CLUSTER.directory().resolve("head.sh");
        Files.writeString(script, "set -o pipefail; \"$1\" consume \"$2\" | head -n 1");

        Varve.Ended ended = varve.through(Path.of("/bin/bash"))
                .run(script.toString(), Varve.launcher().toString(), topic);

        assertThat(ended.err()).isEmpty();
        assertThat(ended.exitCode()).isZero();
        assertThat(ended.text().lines().count()).isEqualTo(1);
    }

    @Test
    void shouldListDescribeAndDeleteTopics() throws IOException {
        JsonNode created = json("topic", "create", topic, "-p", "3", "-c", "retention.ms=86400000", "-o", "json");
        assertThat(created.at("/results/0/partitions").asInt()).isEqualTo(3);

        assertThat(json("topics", "ls", "-o", "json").get("topics").findValuesAsText("name"))
                .contains(topic);
        assertThat(new String(varve.ok("topic", "list", "-r", "^" + topic), UTF_8)
                        .lines()
                        .toList())
                .hasSize(2)
                .first()
                .asString()
                .startsWith("TOPIC ");
        JsonNode described = json("topic", "get", topic, "-o", "json").at("/topics/0");
        assertThat(described.get("partitions")).hasSize(3);
        assertThat(described.at("/partitions/0/highWatermark").asText()).isEqualTo("0");
        assertThat(described.get("durability").asText()).isEqualTo("flushed");
        assertThat(new String(varve.ok("topic", "describe", topic), UTF_8))
                .contains("TOPIC " + topic, "CONFIG retention.ms=86400000");

        varve.ok("topic", "rm", topic, "-y");

        assertThat(json("topic", "list", "-o", "json").get("topics").findValuesAsText("name"))
                .doesNotContain(topic);
    }

    @Test
    void shouldShowTheBatchesInAFileOfTheLog() throws IOException {
        varve.ok("topic", "create", topic);
        varve.feed("a\nb\n".getBytes(UTF_8), "produce", topic);
        String id = json("topic", "get", topic, "-o", "json")
                .at("/topics/0/topicId")
                .asText();
        Path segment = CLUSTER.nodeDirectory().resolve("data/logs/" + id + "-0/00000000000000000000.log");

        String[] lines =
                new String(varve.ok("debug", "dump-segment", segment.toString(), "-o", "jsonl"), UTF_8).split("\n", -1);

        JsonNode first = JSON.readTree(lines[0]);
        assertThat(first.get("baseOffset").asLong()).isZero();
        assertThat(first.get("status").asText()).isEqualTo("ok");
        JsonNode last = JSON.readTree(lines[lines.length - 2]);
        assertThat(last.get("lastOffset").asLong()).isEqualTo(1);
    }

    @Test
    void shouldTellTheStateOfTheLocalCluster() throws IOException {
        JsonNode node =
                json("local", "status", "--dir", "cluster", "-o", "json").at("/nodes/0");

        assertThat(node.get("id").asInt()).isEqualTo(1);
        assertThat(node.get("state").asText()).isEqualTo("ready");
        assertThat(node.at("/addresses/public").asText()).isEqualTo(CLUSTER.bootstrap());
        assertThat(ProcessHandle.of(node.get("pid").asLong())).isPresent();
        assertThat(Path.of(node.get("directory").asText())).isDirectory();
    }

    @Test
    void shouldKeepRecordsOverDownAndUp(@TempDir Path own) throws IOException {
        Varve other = Varve.in(own);
        int portBase = LocalCluster.freePortBase();
        String bootstrap = "localhost:" + portBase;
        try {
            other.ok("local", "up", "--nodes", "1", "--port-base", String.valueOf(portBase));
            // Without -b: the cluster is in the directory where commands look for one.
            other.ok("topic", "create", "kept");
            other.ok("produce", "kept", "value", "-b", bootstrap);
            assertThat(new String(other.ok("local", "up"), UTF_8)).contains("already up");

            other.ok("local", "down");
            assertThat(new String(other.ok("local", "status"), UTF_8)).contains("stopped");
            other.ok("local", "up");

            assertThat(new String(other.ok("consume", "kept", "-b", bootstrap), UTF_8))
                    .isEqualTo("value\n");
        } finally {
            other.run("local", "down", "--wipe", "-y");
        }
        assertThat(own.resolve(".varve/local")).doesNotExist();
    }

    @Test
    void shouldTellHowTheClusterIs() throws IOException {
        varve.ok("topic", "create", topic, "--assignment", "1:1");

        JsonNode health = json("cluster", "health", "-o", "json");
        assertThat(health.get("healthy").asBoolean()).isTrue();
        assertThat(health.at("/quorum/leader").asInt()).isEqualTo(1);
        assertThat(new String(varve.ok("cluster", "status"), UTF_8)).contains("HEALTHY yes", "1/1 alive", "controller");
        assertThat(json("quorum", "status", "-o", "json").at("/members/0/role").asText())
                .isEqualTo("QUORUM_ROLE_LEADER");
        assertThat(json("broker", "list", "-o", "json").at("/nodes/0/status").asText())
                .isEqualTo("NODE_STATUS_ALIVE");
    }

    @Test
    void shouldTellHowPartitionsAre() throws IOException {
        varve.ok("topic", "create", topic, "-p", "2");
        varve.ok("produce", topic, "-p", "1", "value");

        assertThat(json("partition", "list", topic, "--leader", "1", "-o", "json")
                        .get("partitions"))
                .hasSize(2);
        assertThat(json("partition", "list", topic, "--under-replicated", "-o", "json")
                        .get("partitions"))
                .isEmpty();
        JsonNode state = json("partition", "state", topic + ":1", "-o", "json");
        assertThat(state.at("/leaderView/highWatermark").asText()).isEqualTo("1");
        assertThat(state.at("/leaderView/epochs/0/startOffset").asText()).isEqualTo("0");
        assertThat(state.at("/replicas/0/session").asText()).isEqualTo("REPLICA_SESSION_LEADER");
        assertThat(new String(varve.ok("partition", "transfer-leader", topic + ":1", "--to", "1"), UTF_8))
                .contains("leads already");
        assertThat(new String(varve.ok("partition", "elect-preferred", "--all"), UTF_8))
                .contains("every partition has its preferred leader");
    }

    @Test
    void shouldWorkThroughASymbolicLink() throws IOException {
        Path link = CLUSTER.directory().resolve("linked-varve");
        Files.createSymbolicLink(link, Varve.launcher());

        assertThat(varve.through(link).run("version").text()).startsWith("varve ");
    }

    @Test
    void shouldMeasureProducingAndConsuming() throws IOException {
        JsonNode produced = json(
                "bench",
                "produce",
                "--topic",
                topic,
                "--records",
                "5k",
                "--size",
                "100",
                "--producers",
                "2",
                "--dir",
                "cluster",
                "-o",
                "json");
        assertThat(produced.get("records").asLong()).isEqualTo(5_000);
        assertThat(produced.get("errors").asLong()).isZero();
        assertThat(produced.at("/latencyMillis/p99").asDouble()).isPositive();
        assertThat(produced.at("/cpuSecondsPerGigabyte/nodes").isNumber()).isTrue();

        JsonNode consumed = json("bench", "consume", "--topic", topic, "-o", "json");
        assertThat(consumed.get("records").asLong()).isEqualTo(5_000);
        assertThat(consumed.get("bytes").asLong()).isEqualTo(500_000);
    }

    private JsonNode json(String... arguments) throws IOException {
        return JSON.readTree(varve.ok(arguments));
    }

    private String consumed(String... options) throws IOException {
        List<String> arguments = new java.util.ArrayList<>(List.of("consume", topic));
        arguments.addAll(List.of(options));
        return new String(varve.ok(arguments.toArray(String[]::new)), UTF_8);
    }

    private static Path write(byte[] content) throws IOException {
        return Files.write(Files.createTempFile(CLUSTER.directory(), "input", ".log"), content);
    }
}
