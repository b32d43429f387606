// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.varve.metadata.topic.TopicConfigs;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.AlterTopicConfigsRequest;
import io.varve.proto.v1.AppendRequest;
import io.varve.proto.v1.ConfigSource;
import io.varve.proto.v1.ConfigValue;
import io.varve.proto.v1.CreateTopicsRequest;
import io.varve.proto.v1.DescribeNodeConfigsRequest;
import io.varve.proto.v1.DescribeTopicConfigsRequest;
import io.varve.proto.v1.DescribeTopicsRequest;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.GetMetadataRequest;
import io.varve.proto.v1.ListConfigKeysRequest;
import io.varve.proto.v1.NewRecord;
import io.varve.proto.v1.NewTopic;
import io.varve.proto.v1.ReadRequest;
import io.varve.proto.v1.TopicConfigChange;
import io.varve.proto.v1.TopicConfigResult;
import io.varve.proto.v1.TopicDescription;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every config that can be changed counts on every node, without a restart: three nodes, and topics of three partitions of
 * which each node leads one and holds all. What the minimum of in-sync replicas does is in {@link ThreeNodesTest}.
 */
@Timeout(180)
@SuppressWarnings("NullAway.Init")
class LiveConfigsTest {

    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final int PARTITIONS = 3;

    @TempDir
    static Path directory;

    private static final List<TestNode> NODES = new ArrayList<>();

    @BeforeAll
    static void form() throws Exception {
        NODES.addAll(TestNode.startAll(
                VoterNode.configs(directory, UUID.randomUUID(), 3, "retention.check.interval.ms: 50")));
        for (TestNode node : NODES) {
            await().atMost(LIMIT)
                    .until(() -> node
                                    .metadata()
                                    .getMetadata(GetMetadataRequest.newBuilder()
                                            .setAllTopics(true)
                                            .build())
                                    .getMetadata()
                                    .getNodesList()
                                    .stream()
                                    .filter(n -> !n.getFenced())
                                    .count()
                            == 3);
        }
    }

    @AfterAll
    static void close() throws Exception {
        for (TestNode node : NODES) {
            node.close();
        }
    }

    @Test
    void shouldBoundBatchesByANewMaximum() {
        create("bounded");
        alter("bounded", Map.of("max.message.bytes", "2000"));
        for (int p = 0; p < PARTITIONS; p++) {
            int partition = p;
            await().atMost(LIMIT)
                    .untilAsserted(
                            () -> assertThat(append("bounded", partition, 3000)).isEqualTo("MESSAGE_TOO_LARGE"));
            assertThat(append("bounded", partition, 1000)).isEqualTo("ok");
        }
        unset("bounded", "max.message.bytes");
        for (int p = 0; p < PARTITIONS; p++) {
            int partition = p;
            await().atMost(LIMIT)
                    .untilAsserted(
                            () -> assertThat(append("bounded", partition, 3000)).isEqualTo("ok"));
        }
        for (TestNode node : NODES) { // producers learn of it, too
            await().atMost(LIMIT)
                    .until(() -> node.metadata()
                                    .getMetadata(GetMetadataRequest.newBuilder()
                                            .addTopics("bounded")
                                            .build())
                                    .getMetadata()
                                    .getTopics(0)
                                    .getMaxMessageBytes()
                            == 1024 * 1024);
        }
    }

    @Test
    void shouldStampRecordsWithAnotherClock() {
        create("stamped", Map.of("retention.ms", "-1")); // 1970 is old
        for (int p = 0; p < PARTITIONS; p++) {
            assertThat(timestampOfNext("stamped", p)).isEqualTo(1000);
        }
        alter("stamped", Map.of("message.timestamp.type", "LogAppendTime"));
        for (int p = 0; p < PARTITIONS; p++) {
            int partition = p;
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(timestampOfNext("stamped", partition))
                            .isGreaterThan(System.currentTimeMillis() - 60_000));
        }
    }

    @Test
    void shouldRefuseTimestampsByNewBounds() {
        create("dated", Map.of("retention.ms", "-1"));
        long ahead = System.currentTimeMillis() + Duration.ofMinutes(30).toMillis();
        for (int p = 0; p < PARTITIONS; p++) {
            assertThat(appendAt("dated", p, 1000)).isEqualTo("ok");
            assertThat(appendAt("dated", p, ahead)).isEqualTo("ok");
        }
        alter("dated", Map.of("message.timestamp.before.max.ms", "3600000", "message.timestamp.after.max.ms", "60000"));
        forEachPartition(p -> appendAt("dated", p, 1000).equals("INVALID_TIMESTAMP"));
        for (int p = 0; p < PARTITIONS; p++) {
            assertThat(appendAt("dated", p, ahead)).isEqualTo("INVALID_TIMESTAMP");
            assertThat(appendAt("dated", p, System.currentTimeMillis())).isEqualTo("ok");
        }
        unset("dated", "message.timestamp.before.max.ms");
        forEachPartition(p -> appendAt("dated", p, 1000).equals("ok"));
    }

    @Test
    void shouldBeginSegmentsAtAnotherSize() {
        String id = create("sized");
        alter("sized", Map.of("segment.bytes", "1024"));
        forEachPartition(p -> {
            append("sized", p, 700);
            return everyNodeHas(id, p, ".log", files -> files.size() >= 2);
        });
    }

    @Test
    void shouldBeginSegmentsAtAnotherAge() {
        String id = create("aged");
        for (int p = 0; p < PARTITIONS; p++) {
            append("aged", p, 10);
        }
        alter("aged", Map.of("segment.ms", "1"));
        forEachPartition(p -> {
            append("aged", p, 10);
            return everyNodeHas(id, p, ".log", files -> files.size() >= 2);
        });
    }

    @Test
    void shouldIndexNewSegmentsMoreDensely() {
        String id = create("indexed");
        for (int p = 0; p < PARTITIONS; p++) {
            append("indexed", p, 10);
        }
        alter("indexed", Map.of("index.interval.bytes", "64", "segment.bytes", "16384"));
        // Of segments of 16 KiB none has more than 4 entries by the default of 4096.
        long sparse = 4 * 16;
        forEachPartition(p -> {
            append("indexed", p, 500);
            return everyNodeHas(id, p, ".index", files -> files.stream().anyMatch(f -> size(f) > sparse));
        });
    }

    @Test
    void shouldKeepNoMoreThanAnotherSize() {
        String id = create("small", Map.of("segment.bytes", "1024"));
        for (int p = 0; p < PARTITIONS; p++) {
            for (int i = 0; i < 20; i++) {
                assertThat(append("small", p, 700)).isEqualTo("ok");
            }
            assertThat(describe("small").getPartitions(p).getLogStartOffset()).isZero();
        }
        alter("small", Map.of("retention.bytes", "4000"));
        forEachPartition(p -> describe("small").getPartitions(p).getLogStartOffset() > 10
                && everyNodeHas(id, p, ".log", files -> files.size() < 10));
    }

    @Test
    void shouldKeepNothingForLongerThanAnotherTime() {
        String id = create("brief", Map.of("segment.bytes", "1024"));
        for (int p = 0; p < PARTITIONS; p++) {
            for (int i = 0; i < 20; i++) {
                assertThat(append("brief", p, 700)).isEqualTo("ok");
            }
        }
        alter("brief", Map.of("retention.ms", "1000"));
        forEachPartition(p -> describe("brief").getPartitions(p).getLogStartOffset() >= 19
                && everyNodeHas(id, p, ".log", files -> files.size() < 10));
    }

    @Test
    void shouldShowWhatIsInForceAndWhereItComesFromOnEveryNode() {
        create("shown", Map.of("retention.ms", "5000"));
        TopicConfigResult changed = alter("shown", Map.of("segment.bytes", "2048", "retention.ms", "6000"));
        assertThat(changed.getConfigsList())
                .extracting(c -> c.getName() + " " + c.getBefore() + " -> " + c.getAfter())
                .containsExactly("retention.ms 5000 -> 6000", "segment.bytes 1073741824 -> 2048");
        for (TestNode node : NODES) {
            await().atMost(LIMIT).untilAsserted(() -> {
                var configs = node.configs()
                        .describeTopicConfigs(DescribeTopicConfigsRequest.newBuilder()
                                .addTopics("shown")
                                .build())
                        .getTopics(0);
                assertThat(configs.getConfigsList())
                        .extracting(ConfigValue::getName)
                        .containsExactlyElementsOf(TopicConfigs.all().keySet());
                assertThat(configs.getConfigsList())
                        .filteredOn(c -> c.getSource() == ConfigSource.CONFIG_SOURCE_TOPIC)
                        .extracting(c -> c.getName() + "=" + c.getValue() + " " + c.getUnit())
                        .containsExactly("retention.ms=6000 ms", "segment.bytes=2048 bytes");
            });
        }
    }

    @Test
    void shouldRefuseAChangeWithEverythingThatIsWrongAndChangeNothing() {
        create("kept");
        TopicConfigResult result = change(TopicConfigChange.newBuilder()
                .setTopic("kept")
                .putSet("retention.msec", "1")
                .putSet("segment.bytes", "5")
                .putSet("max.message.bytes", Integer.toString(64 << 20))
                .putSet("min.insync.replicas", "4")
                .addUnset("durability")
                .addUnset("cleanup.polcy")
                .build());
        assertThat(result.getError().getReason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_CONFIG);
        assertThat(result.getError().getMessage())
                .contains(
                        "retention.msec", "\"retention.ms\"", "segment.bytes = 5", "1024 to", "min.insync.replicas = 4")
                .contains("\"cleanup.policy\"", "max.message.bytes = 67108864 is more than this node takes, 8388608")
                .doesNotContain("durability");
        assertThat(configs("kept").values()).noneMatch(c -> c.getSource() == ConfigSource.CONFIG_SOURCE_TOPIC);

        assertThat(change(TopicConfigChange.newBuilder().setTopic("kept").build())
                        .getError()
                        .getReason())
                .isEqualTo(ErrorReason.ERROR_REASON_INVALID_REQUEST);
        assertThat(change(TopicConfigChange.newBuilder()
                                .setTopic("keptt")
                                .putSet("segment.ms", "5")
                                .build())
                        .getError()
                        .getReason())
                .isEqualTo(ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    void shouldOnlyLookWhenToldTo() {
        create("looked");
        var result = NODES.get(0)
                .configs()
                .alterTopicConfigs(AlterTopicConfigsRequest.newBuilder()
                        .setValidateOnly(true)
                        .addChanges(TopicConfigChange.newBuilder()
                                .setTopic("looked")
                                .putSet("retention.ms", "1000"))
                        .build())
                .getResults(0);
        assertThat(result.getConfigs(0).getAfter()).isEqualTo("1000");
        assertThat(configs("looked").values())
                .filteredOn(c -> c.getName().equals("retention.ms"))
                .extracting(ConfigValue::getValue)
                .containsExactly("604800000");
    }

    @Test
    void shouldExplainEveryConfigOfTopicsAndEverySettingOfNodes() {
        var keys = NODES.get(0).configs().listConfigKeys(ListConfigKeysRequest.getDefaultInstance());
        assertThat(keys.getTopicKeysList())
                .hasSameSizeAs(TopicConfigs.all().keySet())
                .allSatisfy(key -> {
                    assertThat(key.getMeaning()).endsWith(".");
                    assertThat(key.getAllowed()).isNotEmpty();
                    assertThat(key.getTakesEffect()).isNotEmpty();
                });
        assertThat(keys.getNodeKeysList()).anyMatch(key -> key.getName().equals("io.threads"));
        var unknown = DescribeNodeConfigsRequest.newBuilder().setNodeId(9).build();
        try {
            NODES.get(0).configs().describeNodeConfigs(unknown);
            assertThat(false).as("node 9 is not there").isTrue();
        } catch (StatusRuntimeException e) {
            assertThat(ErrorReasons.fromThrowable(e).orElseThrow().getReason())
                    .isEqualTo(ErrorReason.ERROR_REASON_BROKER_ID_NOT_REGISTERED);
        }
    }

    private interface PerPartition {
        boolean holds(int partition) throws IOException;
    }

    private interface FileClaim {
        boolean are(List<Path> files);
    }

    private static void forEachPartition(PerPartition claim) {
        for (int p = 0; p < PARTITIONS; p++) {
            int partition = p;
            await().atMost(LIMIT).until(() -> claim.holds(partition));
        }
    }

    private static boolean everyNodeHas(String topicId, int partition, String suffix, FileClaim claim)
            throws IOException {
        for (int node = 1; node <= 3; node++) {
            Path log = directory.resolve("node" + node).resolve("logs").resolve(topicId + "-" + partition);
            if (!Files.isDirectory(log)) {
                return false;
            }
            try (Stream<Path> files = Files.list(log)) {
                if (!claim.are(files.filter(f -> f.toString().endsWith(suffix)).toList())) {
                    return false;
                }
            }
        }
        return true;
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0; // it is gone
        }
    }

    private static String create(String name) {
        return create(name, Map.of());
    }

    private static String create(String name, Map<String, String> configs) {
        var result = NODES.get(0)
                .topics()
                .createTopics(CreateTopicsRequest.newBuilder()
                        .addTopics(NewTopic.newBuilder()
                                .setName(name)
                                .setPartitions(PARTITIONS)
                                .setReplicationFactor(3)
                                .putAllConfigs(configs))
                        .build())
                .getResults(0);
        assertThat(result.hasError()).as(result.toString()).isFalse();
        return describe(name).getTopicId();
    }

    private static TopicDescription describe(String name) {
        return NODES.get(0)
                .topics()
                .describeTopics(
                        DescribeTopicsRequest.newBuilder().addNames(name).build())
                .getTopics(0);
    }

    private static TopicConfigResult alter(String topic, Map<String, String> configs) {
        TopicConfigResult result = change(TopicConfigChange.newBuilder()
                .setTopic(topic)
                .putAllSet(configs)
                .build());
        assertThat(result.hasError()).as(result.toString()).isFalse();
        return result;
    }

    private static void unset(String topic, String config) {
        TopicConfigResult result = change(
                TopicConfigChange.newBuilder().setTopic(topic).addUnset(config).build());
        assertThat(result.hasError()).as(result.toString()).isFalse();
    }

    private static TopicConfigResult change(TopicConfigChange change) {
        return NODES.get(0)
                .configs()
                .alterTopicConfigs(
                        AlterTopicConfigsRequest.newBuilder().addChanges(change).build())
                .getResults(0);
    }

    private static Map<String, ConfigValue> configs(String topic) {
        Map<String, ConfigValue> configs = new java.util.TreeMap<>();
        NODES.get(0)
                .configs()
                .describeTopicConfigs(DescribeTopicConfigsRequest.newBuilder()
                        .addTopics(topic)
                        .build())
                .getTopics(0)
                .getConfigsList()
                .forEach(c -> configs.put(c.getName(), c));
        return configs;
    }

    private static String append(String topic, int partition, int bytes) {
        return append(topic, partition, NewRecord.newBuilder().setValueBytes(ByteString.copyFrom(new byte[bytes])));
    }

    private static String appendAt(String topic, int partition, long timestampMillis) {
        return append(topic, partition, NewRecord.newBuilder().setValueText("x").setTimestampMs(timestampMillis));
    }

    private static String append(String topic, int partition, NewRecord.Builder record) {
        try {
            NODES.get(0)
                    .records()
                    .append(AppendRequest.newBuilder()
                            .setTopic(topic)
                            .setPartition(partition)
                            .addRecords(record)
                            .build());
            return "ok";
        } catch (StatusRuntimeException e) {
            return ErrorReasons.fromThrowable(e)
                    .map(error -> ErrorReasons.name(error.getReason()))
                    .orElse(String.valueOf(e.getMessage()));
        }
    }

    private static long timestampOfNext(String topic, int partition) {
        var stub = NODES.get(0).records();
        long offset = stub.append(AppendRequest.newBuilder()
                        .setTopic(topic)
                        .setPartition(partition)
                        .addRecords(NewRecord.newBuilder().setValueText("x").setTimestampMs(1000))
                        .build())
                .getBaseOffset();
        return stub.read(ReadRequest.newBuilder()
                        .setTopic(topic)
                        .setPartition(partition)
                        .setOffset(offset)
                        .setMaxWaitMs(1000)
                        .build())
                .getRecords(0)
                .getTimestampMs();
    }
}
