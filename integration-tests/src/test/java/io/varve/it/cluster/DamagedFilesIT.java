// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.client.TopicPartition;
import io.varve.it.history.ConsumedRecord;
import io.varve.it.load.ReadBack;
import io.varve.it.load.SteadyLoad;
import io.varve.it.process.ClusterProcesses;
import io.varve.it.process.NodeFiles;
import io.varve.it.process.Pauses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One bit of one file of one node is flipped, under load, for every kind of file: it is found, made good, and told to nobody, and the other nodes' files
 * are left alone.
 */
@Timeout(value = 300)
class DamagedFilesIT {
    private static final long SEED = Long.getLong("varve.it.seed", System.nanoTime());
    private static final SteadyLoad.Settings LOAD = new SteadyLoad.Settings(2, 600, 300);
    private static final int NODES = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final Map<String, Object> QUICK = Map.of(
            "topic.default.segment.bytes", 65_536,
            "retention.check.interval.ms", 500,
            "scrub.interval.ms", 100,
            "scrub.bytes.per.second", 256 << 20);

    @TempDir
    Path directory;

    @SuppressWarnings("NullAway.Init")
    private LoadedCluster cluster;

    private final Map<String, Long> repairedMillis = new LinkedHashMap<>();

    private void start(Map<String, Object> settings) throws IOException {
        ClusterProcesses nodes = ClusterProcesses.format(directory, NODES, (id, plain) -> {
            NodeFiles files = plain;
            for (Map.Entry<String, Object> setting : settings.entrySet()) {
                files = files.with(setting.getKey(), setting.getValue());
            }
            return files;
        });
        cluster = LoadedCluster.start(nodes, LOAD, SEED);
        for (TopicPartition partition : cluster.load().partitions()) {
            awaitTrue(
                    "two segments of " + partition,
                    () -> files(1, partition, ".log").size() > 1);
        }
    }

    @AfterEach
    void close() {
        System.out.printf("seed %d, ms until it was made good: %s%n", SEED, repairedMillis);
        cluster.close();
    }

    @Test
    void shouldRepairWhatRotsWhileNodesRun() throws IOException {
        start(QUICK);
        TopicPartition first = cluster.load().partitions().get(0);
        int leader = leader(first);
        rotSegment("segment of a follower", leader % 3 + 1, first);
        TopicPartition second = cluster.load().partitions().get(1);
        int before = leader(second);
        rotSegment("segment of the leader", before, second);
        assertThat(leader(second)).isNotEqualTo(before);
        TopicPartition third = cluster.load().partitions().get(2);
        for (String kind : List.of(".index", ".timeindex")) {
            awaitTrue(kind, () -> files(2, third, kind).size() > 1);
            Path index = files(2, third, kind).get(0);
            byte[] intact = Files.readAllBytes(index);
            flip(index, intact.length / 2);
            made(kind, () -> Arrays.equals(Files.readAllBytes(index), intact));
        }
        awaitTrue("a producer snapshot", () -> !files(2, third, ".producers").isEmpty());
        Path snapshot = files(2, third, ".producers").get(0);
        flip(snapshot, 20);
        made(".producers", () -> !Files.exists(snapshot));
        for (String name : List.of("catalogue", "epochs", "checkpoints", "meta.properties")) {
            Path file = cluster.nodes().files(3).dataDirectory().resolve(name);
            byte[] flipped = flip(file, 40);
            made(name, () -> !Arrays.equals(Files.readAllBytes(file), flipped));
        }
        assertPromisesKept(2);
    }

    @Test
    void shouldRepairWhatRottedWhileNodeWasDown() throws IOException {
        start(QUICK);
        int node = 2;
        TopicPartition first = cluster.load().partitions().get(0);
        TopicPartition second = cluster.load().partitions().get(1);
        TopicPartition third = cluster.load().partitions().get(2);
        awaitTrue("a producer snapshot", () -> !files(node, third, ".producers").isEmpty());
        assertThat(cluster.nodes().stop(node)).isZero();
        flip(files(node, first, ".log").get(0), 200);
        restartAndRepair(
                node,
                List.of(
                        files(node, third, ".index").get(0),
                        files(node, third, ".producers").get(0),
                        shared(node, "catalogue"),
                        shared(node, "checkpoints")));
        made("first .log", () -> !damaged(node, first).isEmpty());
        cluster.view().awaitInSync();
        assertThat(cluster.nodes().stop(node)).isZero();
        List<Path> segments = files(node, second, ".log");
        flip(segments.get(segments.size() - 1), 200);
        restartAndRepair(node, List.of(files(node, third, ".timeindex").get(0), shared(node, "epochs")));
        made("last .log", () -> !damaged(node, second).isEmpty());
        cluster.view().awaitInSync();
        assertThat(cluster.nodes().stop(node)).isZero();
        Path meta = cluster.nodes().files(node).dataDirectory().resolve("meta.properties");
        byte[] intact = Files.readAllBytes(meta);
        flip(meta, 40);
        cluster.nodes().launch(node);
        Path said = cluster.nodes().files(node).workDirectory().resolve("node.log");
        awaitTrue(
                "a node that refuses its directory",
                () -> Files.readString(said).contains("meta.properties is damaged"));
        Files.write(meta, intact);
        cluster.nodes().kill(node);
        cluster.nodes().launch(node);
        cluster.nodes().awaitReady();
        assertPromisesKept(2);
    }

    private Path shared(int node, String name) {
        return cluster.nodes().files(node).dataDirectory().resolve(name);
    }

    /** Flips a bit of each file, which can be made good without another node, and awaits that. */
    private void restartAndRepair(int node, List<Path> files) throws IOException {
        Map<Path, byte[]> flipped = new LinkedHashMap<>();
        for (Path file : files) {
            flipped.put(file, flip(file, 20));
        }
        cluster.nodes().launch(node);
        cluster.nodes().awaitReady();
        for (Path file : files) {
            String name = String.valueOf(file.getFileName());
            made(
                    name.substring(name.indexOf('.') + 1),
                    () -> !Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), flipped.get(file)));
        }
    }

    @Test
    void shouldServeOtherCopyWhenReaderMeetsRot() throws IOException {
        start(Map.of("topic.default.segment.bytes", 65_536, "scrub.bytes.per.second", 0, "tail.cache.bytes", 0));
        TopicPartition partition = cluster.load().partitions().get(0);
        int before = leader(partition);
        flip(files(before, partition, ".log").get(0), 5000);
        Map<TopicPartition, List<ConsumedRecord>> read = ReadBack.all(cluster.client(), Set.of(partition));
        assertThat(read.get(partition)).isNotEmpty();
        made("met by a reader", () -> !damaged(before, partition).isEmpty());
        cluster.view().awaitInSync();
        assertThat(leader(partition)).isNotEqualTo(before);
        assertPromisesKept(1);
    }

    private void rotSegment(String what, int node, TopicPartition partition) throws IOException {
        flip(files(node, partition, ".log").get(0), 3000);
        made(what, () -> !damaged(node, partition).isEmpty());
        cluster.view().awaitInSync();
    }

    private void assertPromisesKept(int copied) throws IOException {
        LoadedCluster.Verdict verdict = cluster.judge();
        assertThat(verdict.findings()).isEmpty();
        assertThat(verdict.failures()).isEmpty();
        int aside = 0;
        for (int node : cluster.nodes().ids()) {
            try (Stream<Path> logs =
                    Files.list(cluster.nodes().files(node).dataDirectory().resolve("logs"))) {
                aside += (int)
                        logs.filter(log -> log.toString().endsWith(".damaged")).count();
            }
        }
        assertThat(aside).as("logs that were copied anew").isEqualTo(copied);
    }

    private int leader(TopicPartition partition) {
        return cluster.view().leaders().getOrDefault(partition, 0);
    }

    /** What was set aside of a partition on a node. */
    private List<Path> damaged(int node, TopicPartition partition) throws IOException {
        Path log = cluster.log(node, partition);
        try (Stream<Path> logs = Files.list(log.resolveSibling("."))) {
            return logs.filter(each -> {
                        String name = String.valueOf(each.getFileName());
                        return name.startsWith(log.getFileName() + ".") && name.endsWith(".damaged");
                    })
                    .toList();
        }
    }

    private List<Path> files(int node, TopicPartition partition, String suffix) throws IOException {
        try (Stream<Path> all = Files.list(cluster.log(node, partition))) {
            return all.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** Returns what the file holds then. */
    private static byte[] flip(Path file, int position) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[position] ^= 4;
        Files.write(file, bytes, StandardOpenOption.WRITE);
        return bytes;
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private void made(String what, Condition condition) throws IOException {
        long begin = System.nanoTime();
        awaitTrue(what, condition);
        repairedMillis.put(what, (System.nanoTime() - begin) / 1_000_000);
    }

    private void awaitTrue(String what, Condition condition) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + PATIENCE + ": " + what + "; "
                        + cluster.view().describe()
                        + String.join("\n", cluster.nodes().errorLines()));
            }
            Pauses.of(Duration.ofMillis(50));
        }
    }
}
