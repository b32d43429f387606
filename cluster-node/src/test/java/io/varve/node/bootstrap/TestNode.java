// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.varve.node.config.ConfigException;
import io.varve.node.config.ConfigReader;
import io.varve.node.config.HostPort;
import io.varve.node.config.NodeConfig;
import io.varve.proto.v1.ClusterServiceGrpc;
import io.varve.proto.v1.ConfigServiceGrpc;
import io.varve.proto.v1.MetadataServiceGrpc;
import io.varve.proto.v1.RecordServiceGrpc;
import io.varve.proto.v1.TopicServiceGrpc;
import io.varve.storage.file.FileStore;
import io.varve.transport.ChannelFactory;
import io.varve.transport.ChannelSettings;
import io.varve.transport.EventLoops;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** A node in this process, on ports of the system's choice, with generated stubs to talk to it. */
final class TestNode implements AutoCloseable {

    private static final String[] NO_SETTINGS = {};
    private static final long START_SECONDS = 60;

    private final ClusterNode node;
    private final EventLoops loops = EventLoops.open("test-client", 1);
    private final ManagedChannel channel;

    private TestNode(ClusterNode node) {
        this.node = node;
        HostPort address = node.address("public");
        this.channel = new ChannelFactory(loops, ChannelSettings.forMessagesUpTo(8 << 20, "test"))
                .create(address.host(), address.port());
    }

    /** Formats the directory unless it is, and starts. */
    static TestNode start(Path directory, String... settings) throws Exception {
        NodeConfig config = config(directory, settings);
        NodeFormat.format(config, Optional.empty(), Formation.derived(), true);
        return start(config);
    }

    /** The same with its logs on this file system. */
    static TestNode start(Path directory, FileStore files) throws Exception {
        NodeConfig config = config(directory);
        NodeFormat.format(config, Optional.empty(), Formation.derived(), true);
        ClusterNode node = ClusterNode.of(config, files);
        node.start();
        return new TestNode(node);
    }

    static TestNode start(NodeConfig config) throws Exception {
        ClusterNode node = ClusterNode.of(config);
        node.start();
        return new TestNode(node);
    }

    /** Formats and starts voters, none of which starts without the others; the first that fails says why. */
    static List<TestNode> startAll(List<NodeConfig> configs) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(configs.size());
        try {
            var ended = new ExecutorCompletionService<TestNode>(threads);
            List<Future<TestNode>> starting = new ArrayList<>();
            for (NodeConfig config : configs) {
                VoterNode.format(config, Formation.derived());
                starting.add(ended.submit(() -> start(config)));
            }
            for (int i = 0; i < configs.size(); i++) {
                Future<TestNode> next = ended.poll(START_SECONDS, TimeUnit.SECONDS);
                assertThat(next)
                        .as("nodes started: %d of %d", i, configs.size())
                        .isNotNull();
                next.get();
            }
            List<TestNode> nodes = new ArrayList<>();
            for (Future<TestNode> one : starting) {
                nodes.add(one.get());
            }
            return nodes;
        } finally {
            threads.shutdown();
        }
    }

    static UUID format(NodeConfig config) throws StartFailure {
        return NodeFormat.format(config, Optional.empty(), Formation.derived(), false)
                .clusterId();
    }

    static NodeConfig config(Path directory) throws ConfigException {
        return config(directory, NO_SETTINGS);
    }

    /** @param settings more lines of YAML, none of the test's own again; without watermarks of theirs the disk is never full */
    static NodeConfig config(Path directory, String... settings) throws ConfigException {
        String yaml = """
                node.id: 1
                storage.directories: ["%s"]
                listeners: [{name: public, bind: "127.0.0.1:0"}]
                raft.bind: 127.0.0.1:0
                peer.bind: 127.0.0.1:0
                http.bind: 127.0.0.1:0
                """.formatted(directory);
        if (!String.join("", settings).contains("disk.watermark")) {
            yaml += "disk.watermark.soft.bytes: 0\ndisk.watermark.hard.bytes: 0\n";
        }
        return config(yaml + String.join("\n", settings) + "\n");
    }

    static NodeConfig config(String yaml) throws ConfigException {
        return new ConfigReader(Map.of(), new NoDefaults())
                .read("node.yaml", yaml)
                .config();
    }

    ClusterNode node() {
        return node;
    }

    TopicServiceGrpc.TopicServiceBlockingStub topics() {
        return TopicServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    ConfigServiceGrpc.ConfigServiceBlockingStub configs() {
        return ConfigServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    MetadataServiceGrpc.MetadataServiceBlockingStub metadata() {
        return MetadataServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    ClusterServiceGrpc.ClusterServiceBlockingStub cluster() {
        return ClusterServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    RecordServiceGrpc.RecordServiceBlockingStub records() {
        return RecordServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    ManagedChannel channel() {
        return channel;
    }

    @Override
    public void close() throws Exception {
        channel.shutdownNow();
        channel.awaitTermination(5, TimeUnit.SECONDS);
        node.close();
        loops.close();
    }

    private static final class NoDefaults implements ConfigReader.TopicDefaults {

        @Override
        public Set<String> names() {
            return Set.of();
        }

        @Override
        public String problem(String name, String value) {
            return "";
        }
    }
}
