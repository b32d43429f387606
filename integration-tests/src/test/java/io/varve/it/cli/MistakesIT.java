// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every mistake ends within ten seconds, with one sentence that names the thing, a way out, and its exit code. */
class MistakesIT {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int USAGE = 2;
    private static final int NOT_FOUND = 3;
    private static final int CONFLICT = 4;
    private static final int UNAVAILABLE = 6;

    @RegisterExtension
    static final LocalCluster CLUSTER = new LocalCluster();

    private final Varve varve = CLUSTER.varve();
    private final String topic = "t-" + UUID.randomUUID().toString().substring(0, 8);

    @Test
    void shouldNameAnUnknownTopic() throws IOException {
        String hint = "varve topic create " + topic;
        expect(varve.run("produce", topic, "v"), NOT_FOUND, "UNKNOWN_TOPIC_OR_PARTITION", topic, hint);
        expect(varve.run("consume", topic), NOT_FOUND, "UNKNOWN_TOPIC_OR_PARTITION", topic, hint);
        expect(varve.run("topic", "describe", topic), NOT_FOUND, "UNKNOWN_TOPIC_OR_PARTITION", topic);
        expect(varve.run("topic", "delete", topic, "-y"), NOT_FOUND, "UNKNOWN_TOPIC_OR_PARTITION", topic);
    }

    @Test
    void shouldNameAnUnknownPartition() throws IOException {
        varve.ok("topic", "create", topic, "-p", "2");
        expect(
                varve.run("produce", topic, "v", "-p", "7"),
                NOT_FOUND,
                "UNKNOWN_TOPIC_OR_PARTITION",
                topic,
                "7",
                "0 to 1");
        expect(varve.run("consume", topic, "-p", "7"), NOT_FOUND, "UNKNOWN_TOPIC_OR_PARTITION", topic, "7");
    }

    @Test
    void shouldSayWhatIsWrongWithATopicName() throws IOException {
        expect(varve.run("topic", "create", "a/b"), USAGE, "INVALID_TOPIC_EXCEPTION", "a/b");
        expect(varve.run("topic", "create", ".."), USAGE, "INVALID_TOPIC_EXCEPTION", "..");
        expect(varve.run("topic", "create", ""), USAGE, "INVALID_TOPIC_EXCEPTION", "empty");
    }

    @Test
    void shouldRefuseZeroPartitions() throws IOException {
        expect(varve.run("topic", "create", topic, "-p", "0"), USAGE, "INVALID_PARTITIONS", topic, "0");
    }

    @Test
    void shouldRefuseMoreCopiesThanNodes() throws IOException {
        expect(varve.run("topic", "create", topic, "-r", "3"), USAGE, "INVALID_REPLICATION_FACTOR", "3", "1");
    }

    @Test
    void shouldRefuseATopicThatExists() throws IOException {
        varve.ok("topic", "create", topic);
        expect(varve.run("topic", "create", topic), CONFLICT, "TOPIC_ALREADY_EXISTS", topic);
        varve.ok("topic", "create", topic, "--if-not-exists");
    }

    @Test
    void shouldNameTheNearestTopicConfig() throws IOException {
        expect(
                varve.run("topic", "create", topic, "-c", "retention.msec=1"),
                USAGE,
                "INVALID_CONFIG",
                "retention.msec",
                "retention.ms");
    }

    @Test
    void shouldRefuseARecordAboveTheLimit() throws IOException {
        varve.ok("topic", "create", topic, "-c", "max.message.bytes=10000");
        Path file = Files.writeString(CLUSTER.directory().resolve("large.txt"), "ok\n" + "x".repeat(20_000) + "\n");
        expect(
                varve.run("produce", topic, "--from-file", file.toString()),
                USAGE,
                "MESSAGE_TOO_LARGE",
                "record 2 of " + file,
                "10000");
    }

    @Test
    void shouldRefuseAcksThatDoNotExist() throws IOException {
        expect(varve.run("produce", topic, "v", "--acks", "7"), USAGE, "INVALID_REQUIRED_ACKS", "7");
    }

    @Test
    void shouldNameAMissingInputFile() throws IOException {
        expect(varve.run("produce", topic, "--from-file", "nowhere.log"), NOT_FOUND, "NO_SUCH_FILE", "nowhere.log");
    }

    @Test
    void shouldNameAnAddressWhereNobodyAnswers() throws IOException {
        String nobody = "localhost:" + LocalCluster.freePortBase();
        expect(varve.run("topic", "list", "-b", nobody), UNAVAILABLE, "NETWORK_EXCEPTION", nobody);
        expect(varve.run("produce", topic, "v", "-b", nobody), UNAVAILABLE, "NETWORK_EXCEPTION", nobody);
        expect(varve.run("consume", topic, "-b", "no-such-host.invalid:1"), UNAVAILABLE, "", "no-such-host.invalid");
    }

    @Test
    void shouldNameTheProcessThatHasThePort() throws IOException {
        expect(
                varve.run("local", "up", "--dir", "second", "--port-base", String.valueOf(CLUSTER.portBase())),
                CONFLICT,
                "ADDRESS_IN_USE",
                String.valueOf(CLUSTER.portBase()),
                "process " + pid(),
                "--port-base");
    }

    @Test
    void shouldNotChangeTheSizeOfAClusterThatIsThere() throws IOException {
        expect(
                varve.run("local", "up", "--dir", "cluster", "--nodes", "3"),
                CONFLICT,
                "CLUSTER_SIZE_IS_SET",
                "1 node, not 3",
                "--wipe --dir cluster");
    }

    @Test
    void shouldNamePartitionsAndNodesThatAreNotThere() throws IOException {
        varve.ok("topic", "create", topic, "-p", "2");
        expect(
                varve.run("partition", "state", topic + ":7"),
                NOT_FOUND,
                "UNKNOWN_TOPIC_OR_PARTITION",
                topic,
                "0 to 1, not 7");
        expect(varve.run("partition", "list", topic + "x"), NOT_FOUND, "UNKNOWN_TOPIC_OR_PARTITION", topic + "x");
        expect(
                varve.run("partition", "transfer-leader", topic + ":0", "--to", "9"),
                CONFLICT,
                "BROKER_ID_NOT_REGISTERED",
                "node 9");
        expect(
                varve.run("topic", "create", topic + "y", "--assignment", "9"),
                USAGE,
                "INVALID_REPLICA_ASSIGNMENT",
                "9");
    }

    @Test
    void shouldNotBuildOnADirectoryThatAnotherProcessUses() throws IOException {
        // The same data directory, other ports: started by hand, as a mistaken operator would.
        Path config = rewritten(
                "in-use.yaml", moved(Files.readString(CLUSTER.nodeDirectory().resolve("node.yaml"))));
        expect(
                varve.run("node", "run", "--config", config.toString()),
                CONFLICT,
                "DIRECTORY_IN_USE",
                CLUSTER.nodeDirectory().resolve("data").toString(),
                pid());
    }

    @Test
    void shouldNotTakeADirectoryOfAnotherCluster() throws IOException {
        Path data = Files.createDirectory(CLUSTER.directory().resolve(topic));
        String yaml = moved(Files.readString(CLUSTER.nodeDirectory().resolve("node.yaml")))
                .replace(CLUSTER.nodeDirectory().resolve("data").toString(), data.toString());
        Path config = rewritten("foreign.yaml", yaml);
        String one = "AAAAAAAAAAAAAAAAAAAAAQ";
        String two = "AAAAAAAAAAAAAAAAAAAAAg";
        varve.ok("node", "format", "--config", config.toString(), "--cluster-id", one, "--standalone");

        expect(
                varve.run("node", "format", "--config", config.toString(), "--cluster-id", two, "--standalone"),
                CONFLICT,
                "INCONSISTENT_CLUSTER_ID",
                one,
                two);
    }

    @Test
    void shouldNameTheNearestConfigurationKey() throws IOException {
        String yaml = Files.readString(CLUSTER.nodeDirectory().resolve("node.yaml")) + "io.thread: 4\n";
        expect(
                varve.run(
                        "node", "run", "--config", rewritten("typo.yaml", yaml).toString()),
                USAGE,
                "INVALID_CONFIG",
                "io.thread",
                "io.threads");
    }

    @Test
    void shouldNameTheNearestCommand() throws IOException {
        expect(varve.run("topik", "list"), USAGE, "USAGE", "'topik'", "did you mean varve topic?");
        expect(varve.run("node", "rum"), USAGE, "USAGE", "rum");
    }

    @Test
    void shouldNotDeleteWithoutBeingToldTo() throws IOException {
        varve.ok("topic", "create", topic);
        expect(varve.run("topic", "delete", topic), USAGE, "USAGE", topic, "-y");
        expect(varve.run("local", "down", "--dir", "cluster", "--wipe"), USAGE, "USAGE", "-y");
        varve.ok("topic", "describe", topic);
    }

    /** A produce of many tells what was acknowledged, too, and a node that starts logs its settings. */
    private static void expect(Varve.Ended ended, int exitCode, String reason, String... named) {
        List<String> errors =
                ended.err().lines().filter(line -> line.startsWith("error: ")).toList();
        assertThat(errors).as(ended.err()).singleElement().asString().startsWith("error: " + reason);
        assertThat(ended.err()).contains(named).containsAnyOf("hint: ", "nearest");
        assertThat(ended.err() + ended.text()).doesNotContain("\tat ", "Exception:");
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(exitCode);
        assertThat(ended.took()).isLessThan(SOON);
    }

    private static String pid() throws IOException {
        String state = new String(
                CLUSTER.varve().ok("local", "status", "--dir", "cluster", "-o", "json"),
                java.nio.charset.StandardCharsets.UTF_8);
        return state.replaceAll("(?s).*\"pid\" : (\\d+).*", "$1");
    }

    /** The configuration with its ports moved away. */
    private static String moved(String yaml) {
        int base = CLUSTER.portBase();
        int other = LocalCluster.freePortBase();
        return yaml.replace(":" + base, ":" + other)
                .replace(":" + (base + 1), ":" + (other + 1))
                .replace(":" + (base + 2), ":" + (other + 2))
                .replace(":" + (base + 9), ":" + (other + 9));
    }

    private static Path rewritten(String name, String yaml) throws IOException {
        return Files.writeString(CLUSTER.directory().resolve(name), yaml);
    }
}
