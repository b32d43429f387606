// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.node.config.NodeConfig;
import io.varve.proto.ErrorReasons;
import io.varve.proto.Uuids;
import io.varve.proto.v1.AppendRequest;
import io.varve.proto.v1.ClusterProblem;
import io.varve.proto.v1.CreateTopicsRequest;
import io.varve.proto.v1.CreateTopicsResponse;
import io.varve.proto.v1.DeleteTopicsRequest;
import io.varve.proto.v1.DescribeClusterRequest;
import io.varve.proto.v1.DescribeTopicsRequest;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.GetMetadataRequest;
import io.varve.proto.v1.GetServerInfoRequest;
import io.varve.proto.v1.ListNodesRequest;
import io.varve.proto.v1.ListTopicsRequest;
import io.varve.proto.v1.NewRecord;
import io.varve.proto.v1.NewTopic;
import io.varve.proto.v1.NodeStatus;
import io.varve.proto.v1.ReadRequest;
import io.varve.proto.v1.StoredRecord;
import io.varve.proto.v1.TopicListing;
import io.varve.storage.Chunk;
import io.varve.storage.file.FileStore;
import io.varve.storage.file.RealFiles;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ClusterNodeTest {

    @TempDir
    private Path dir;

    @AfterEach
    void shouldLeaveNoBatchInMemory() {
        assertThat(Chunk.openCount()).isZero();
    }

    @Test
    void shouldKeepRecordsOverARestart() throws Exception {
        try (TestNode node = TestNode.start(dir)) {
            create(node, "orders", 3);
            assertThat(append(node, "orders", 1, "a", "b")).isEqualTo(0);
            assertThat(append(node, "orders", 1, "c")).isEqualTo(2);
            assertThat(read(node, "orders", 1)).containsExactly("a", "b", "c");
        }
        try (TestNode node = TestNode.start(dir)) {
            assertThat(read(node, "orders", 1)).containsExactly("a", "b", "c");
            assertThat(append(node, "orders", 1, "d")).isEqualTo(3);
            assertThat(read(node, "orders", 1)).containsExactly("a", "b", "c", "d");
            var described = node.topics()
                    .describeTopics(DescribeTopicsRequest.newBuilder()
                            .addNames("orders")
                            .build())
                    .getTopics(0);
            assertThat(described.getDurability()).isEqualTo("flushed");
            assertThat(described.getPartitions(1).getHighWatermark()).isEqualTo(4);
            assertThat(described.getPartitions(1).getFlushedEndOffset()).isEqualTo(4);
            assertThat(described.getPartitions(1).getStatus()).isEqualTo("ok");
        }
    }

    @Test
    void shouldRefuseAppendsOnAFullDiskAndGoOnReading() throws Exception {
        try (TestNode node = TestNode.start(dir)) {
            create(node, "orders", 1);
            append(node, "orders", 0, "a");
        }
        try (TestNode node =
                TestNode.start(dir, "disk.watermark.soft.bytes: 1024TiB", "disk.watermark.hard.bytes: 1024TiB")) {
            var refused = catchThrowableOfType(StatusRuntimeException.class, () -> append(node, "orders", 0, "b"));
            assertThat(ErrorReasons.fromThrowable(refused).orElseThrow().getReason())
                    .isEqualTo(ErrorReason.ERROR_REASON_DISK_FULL);
            assertThat(refused).hasMessageContaining("disk.watermark.hard.bytes");
            assertThat(read(node, "orders", 0)).containsExactly("a");
            assertThat(http(node, "/health/ready")).contains("\"ready\":true", "DISK_FULL");
        }
        try (TestNode node = TestNode.start(dir)) {
            assertThat(append(node, "orders", 0, "b")).isEqualTo(1);
        }
    }

    @Test
    void shouldSayThatItsDirectoryIsOfflineWhenAFlushFails() throws Exception { // P36
        AtomicBoolean broken = new AtomicBoolean();
        try (TestNode node = TestNode.start(dir, failingFlushes(broken))) {
            create(node, "orders", 1);
            append(node, "orders", 0, "a");
            broken.set(true);
            assertThat(catchThrowableOfType(StatusRuntimeException.class, () -> append(node, "orders", 0, "b")))
                    .isNotNull();

            Awaitility.await()
                    .untilAsserted(() -> assertThat(node.cluster()
                                    .listNodes(ListNodesRequest.getDefaultInstance())
                                    .getNodes(0))
                            .satisfies(told ->
                                    assertThat(told.getStatus()).isEqualTo(NodeStatus.NODE_STATUS_DIRECTORY_OFFLINE))
                            .satisfies(told ->
                                    assertThat(told.getDisk().getMessage()).contains("node 1", dir.toString())));
            assertThat(http(node, "/health/live")).contains("false");
            assertThat(http(node, "/health/ready")).contains("KAFKA_STORAGE_ERROR");
            assertThat(node.cluster()
                            .describeCluster(DescribeClusterRequest.getDefaultInstance())
                            .getProblemsList())
                    .extracting(ClusterProblem::getReason)
                    .contains("KAFKA_STORAGE_ERROR", "LEADER_NOT_AVAILABLE");
        }
        try (TestNode node = TestNode.start(dir)) {
            Awaitility.await()
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(read(node, "orders", 0)).contains("a")); // and "b" if it got there
        }
    }

    /** The real file system, but for flushes while it is broken. */
    private static FileStore failingFlushes(AtomicBoolean broken) {
        FileStore real = new RealFiles();
        return proxy(
                FileStore.class,
                real,
                (name, result) -> result instanceof StoreFile file
                        ? proxy(StoreFile.class, file, (operation, ignored) -> {
                            if (operation.equals("force") && broken.get()) {
                                throw new IOException("Input/output error");
                            }
                            return ignored;
                        })
                        : result);
    }

    private interface After {
        @Nullable
        Object apply(String method, @Nullable Object result) throws IOException;
    }

    private static <T> T proxy(Class<T> type, T real, After after) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    try {
                        return after.apply(method.getName(), method.invoke(real, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    @Test
    void shouldLeadAWrittenTopicAgainAfterAStopThatWasNotClean() throws Exception {
        try (TestNode node = TestNode.start(dir)) {
            create(node, NewTopic.newBuilder().setName("fast").setPartitions(1).putConfigs("durability", "written"));
            append(node, "fast", 0, "a");
        }
        assertThat(Files.deleteIfExists(dir.resolve("clean-stop"))).isTrue();
        try (TestNode node = TestNode.start(dir)) {
            Awaitility.await()
                    .ignoreExceptions() // until the controller has asked what the only replica has
                    .untilAsserted(
                            () -> assertThat(append(node, "fast", 0, "b")).isEqualTo(1));
            assertThat(read(node, "fast", 0)).containsExactly("a", "b");
        }
    }

    @Test
    void shouldTellWhereItIsAndWhatItHas() throws Exception {
        try (TestNode node = TestNode.start(dir)) {
            create(node, "b", 2);
            create(node, "a", 1);

            var metadata = node.metadata()
                    .getMetadata(GetMetadataRequest.newBuilder()
                            .addTopics("b")
                            .addTopics("none")
                            .build())
                    .getMetadata();
            assertThat(metadata.getNodes(0).getHost()).isEqualTo("127.0.0.1");
            assertThat(metadata.getNodes(0).getPort())
                    .isEqualTo(node.node().address("public").port());
            assertThat(metadata.getNodes(0).getFenced()).isFalse();
            assertThat(metadata.getControllerId()).isEqualTo(1);
            assertThat(metadata.getTopics(0).getPartitionsList())
                    .hasSize(2)
                    .allMatch(p -> p.getLeader() == 1 && p.getLeaderEpoch() == 1);
            assertThat(metadata.getTopics(1).getError().getReason())
                    .isEqualTo(ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION);

            assertThat(node.topics()
                            .listTopics(ListTopicsRequest.getDefaultInstance())
                            .getTopicsList())
                    .extracting(TopicListing::getName)
                    .containsExactly("a", "b");
            var info = node.metadata().getServerInfo(GetServerInfoRequest.getDefaultInstance());
            assertThat(info.getNodeId()).isEqualTo(1);
            assertThat(info.getClusterId()).isEqualTo(metadata.getClusterId());
            assertThat(HealthGrpc.newBlockingStub(node.channel())
                            .check(HealthCheckRequest.newBuilder()
                                    .setService("varve.v1.TopicService")
                                    .build())
                            .getStatus())
                    .isEqualTo(ServingStatus.SERVING);
            assertThat(http(node, "/health/ready")).contains("\"ready\":true");
            assertThat(http(node, "/metrics"))
                    .contains("varve_partition_high_watermark{partition=\"1\",topic=\"b\"} 0.0")
                    .contains("varve_partitions_leading 3.0")
                    .contains("varve_calls_total{method=\"varve.v1.TopicService/CreateTopics\",status=\"OK\"} 2.0")
                    .contains("jvm_memory_used_bytes");
        }
    }

    @Test
    void shouldForgetADeletedTopicAndItsFiles() throws Exception {
        try (TestNode node = TestNode.start(dir)) {
            create(node, "gone", 1);
            append(node, "gone", 0, "x");
            var deleted = node.topics()
                    .deleteTopics(
                            DeleteTopicsRequest.newBuilder().addNames("gone").build());
            assertThat(deleted.getResults(0).hasError()).isFalse();

            create(node, "gone", 1);
            assertThat(append(node, "gone", 0, "y")).isZero();
            assertThat(read(node, "gone", 0)).containsExactly("y");
        }
    }

    @Test
    void shouldNameWhatIsWrongWithATopic() throws Exception {
        try (TestNode node = TestNode.start(dir)) {
            create(node, "t", 1);
            assertThat(reason(node, NewTopic.newBuilder().setName("t").setPartitions(1)))
                    .isEqualTo(ErrorReason.ERROR_REASON_TOPIC_ALREADY_EXISTS);
            assertThat(reason(node, NewTopic.newBuilder().setName("a/b").setPartitions(1)))
                    .isEqualTo(ErrorReason.ERROR_REASON_INVALID_TOPIC_EXCEPTION);
            assertThat(reason(node, NewTopic.newBuilder().setName("p").setPartitions(0)))
                    .isEqualTo(ErrorReason.ERROR_REASON_INVALID_PARTITIONS);
            assertThat(reason(
                            node,
                            NewTopic.newBuilder().setName("r").setPartitions(1).setReplicationFactor(2)))
                    .isEqualTo(ErrorReason.ERROR_REASON_INVALID_REPLICATION_FACTOR);
            assertThat(reason(
                            node,
                            NewTopic.newBuilder().setName("c").setPartitions(1).putConfigs("retention.msec", "1")))
                    .isEqualTo(ErrorReason.ERROR_REASON_INVALID_CONFIG);
            assertThat(reason(
                            node,
                            NewTopic.newBuilder()
                                    .setName("m")
                                    .setPartitions(1)
                                    .putConfigs("max.message.bytes", "9000000")))
                    .isEqualTo(ErrorReason.ERROR_REASON_INVALID_CONFIG);
        }
    }

    @Test
    void shouldRefuseADirectoryThatIsNotFormattedOrForeign() throws Exception {
        StartFailure raw = startFailure(TestNode.config(dir.resolve("raw")));
        assertThat(raw.reason()).isEqualTo(Reason.NOT_FORMATTED);
        assertThat(raw.hint()).contains("varve node format");

        var clusterId = Uuids.toText(TestNode.format(TestNode.config(dir.resolve("own"))));
        var other = Uuids.toText(Uuids.random());
        StartFailure foreign = startFailure(TestNode.config(dir.resolve("own"), "cluster.id: \"" + other + "\""));
        assertThat(foreign.reason()).isEqualTo(Reason.INCONSISTENT_CLUSTER_ID);
        assertThat(foreign).hasMessageContaining(clusterId).hasMessageContaining(other);

        var again = catchThrowableOfType(
                StartFailure.class,
                () -> NodeFormat.format(
                        TestNode.config(dir.resolve("own")), Optional.of(Uuids.random()), Formation.derived(), true));
        assertThat(again.reason()).isEqualTo(Reason.INCONSISTENT_CLUSTER_ID);
    }

    @Test
    void shouldRefuseADirectoryThatAnotherNodeUses() throws Exception {
        try (TestNode node = TestNode.start(dir)) {
            StartFailure second = startFailure(TestNode.config(dir));
            assertThat(second.reason()).isEqualTo(Reason.DIRECTORY_IN_USE);
            assertThat(second).hasMessageContaining(dir.toString());
            create(node, "unharmed", 1);
        }
    }

    @Test
    void shouldRefuseAPortInUseBeforeItTouchesTheDirectory() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            StartFailure failure = startFailure(TestNode.config(dir), taken.getLocalPort());
            assertThat(failure.reason()).isEqualTo(Reason.ADDRESS_IN_USE);
            assertThat(failure).hasMessageContaining("127.0.0.1:" + taken.getLocalPort());
        }
    }

    @Test
    void shouldStopTwiceAndBeforeItWasStarted() throws Exception {
        TestNode node = TestNode.start(dir);
        node.node().stop();
        node.node().stop();
        node.close();
        ClusterNode.of(TestNode.config(dir)).stop();
    }

    private static StartFailure startFailure(NodeConfig config) {
        return catchThrowableOfType(StartFailure.class, () -> TestNode.start(config));
    }

    private static StartFailure startFailure(NodeConfig config, int publicPort) {
        var listener = config.network().listeners().get(0);
        var taken = config.network()
                .withListeners(List.of(new io.varve.node.config.ListenerConfig(
                        listener.name(),
                        listener.bind().withPort(publicPort),
                        listener.bind().withPort(publicPort))));
        return startFailure(new NodeConfig(
                config.identity(),
                config.storage(),
                taken,
                config.threads(),
                config.memory(),
                config.disk(),
                config.timers(),
                config.cluster()));
    }

    private static void create(TestNode node, String name, int partitions) {
        create(node, NewTopic.newBuilder().setName(name).setPartitions(partitions));
    }

    private static void create(TestNode node, NewTopic.Builder topic) {
        CreateTopicsResponse created = node.topics()
                .createTopics(CreateTopicsRequest.newBuilder().addTopics(topic).build());
        assertThat(created.getResults(0).getError().getMessage()).isEmpty();
    }

    private static ErrorReason reason(TestNode node, NewTopic.Builder topic) {
        var error = node.topics()
                .createTopics(CreateTopicsRequest.newBuilder().addTopics(topic).build())
                .getResults(0)
                .getError();
        assertThat(error.getMessage()).isNotEmpty();
        return error.getReason();
    }

    private static long append(TestNode node, String topic, int partition, String... values) {
        var request = AppendRequest.newBuilder().setTopic(topic).setPartition(partition);
        for (String value : values) {
            request.addRecords(NewRecord.newBuilder().setValueText(value));
        }
        return node.records().append(request.build()).getBaseOffset();
    }

    private static List<String> read(TestNode node, String topic, int partition) {
        return node
                .records()
                .read(ReadRequest.newBuilder()
                        .setTopic(topic)
                        .setPartition(partition)
                        .build())
                .getRecordsList()
                .stream()
                .map(StoredRecord::getValue)
                .map(com.google.protobuf.ByteString::toStringUtf8)
                .toList();
    }

    private static String http(TestNode node, String path) throws Exception {
        var request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + node.node().httpPort() + path))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
