// SPDX-License-Identifier: Apache-2.0
package io.varve.it.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.client.NewTopic;
import io.varve.client.TopicPartition;
import io.varve.client.VarveClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One node and one client for a class of tests. At the end the node must stop cleanly, and must not have complained. Confined to one thread.
 */
public final class RunningNode implements BeforeAllCallback, AfterAllCallback {
    private final Map<String, Object> settings;
    private State state = State.NONE;

    private record State(Path directory, NodeFiles files, NodeProcess process, VarveClient client) {
        // replaced before the first test
        @SuppressWarnings("NullAway")
        private static final State NONE = new State(null, null, null, null);
    }

    /** @param settings more keys of node.yaml */
    public RunningNode(Map<String, Object> settings) {
        this.settings = settings;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        Path directory = Files.createTempDirectory("varve-it-");
        NodeFiles files = NodeFiles.in(directory, directory.resolve("data"));
        for (Map.Entry<String, Object> setting : settings.entrySet()) {
            files = files.with(setting.getKey(), setting.getValue());
        }
        NodeProcess.format(files);
        NodeProcess process = NodeProcess.start(files);
        VarveClient client = VarveClient.builder().bootstrap(files.bootstrap()).build();
        state = new State(directory, files, process, client);
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        if (state == State.NONE) {
            return; // it never started
        }
        try (NodeProcess process = state.process) {
            state.client.close();
            assertThat(process.stop()).as("exit code").isZero();
            assertThat(NodeProcess.errorLines(state.files)).isEmpty();
            if (context.getExecutionException().isEmpty()) {
                delete(state.directory);
            }
        }
    }

    public NodeFiles files() {
        return state.files;
    }

    public NodeProcess process() {
        return state.process;
    }

    public VarveClient client() {
        return state.client;
    }

    /** kill -9, and up again. */
    public void crash() throws IOException {
        state.process.kill();
        state = new State(state.directory, state.files, NodeProcess.start(state.files), state.client);
    }

    /** Creates the topic and returns its first partition. */
    public TopicPartition create(NewTopic topic) {
        state.client.admin().createTopic(topic).join();
        return TopicPartition.of(topic.name(), 0);
    }

    /** The segment files of a partition, by base offset. */
    public Stream<Path> segments(TopicPartition partition) throws IOException {
        String id = state.client.admin().describeTopic(partition.topic()).join().topicId();
        Path log = state.files.dataDirectory().resolve("logs").resolve(id + "-" + partition.partition());
        try (Stream<Path> paths = Files.list(log)) {
            return paths.filter(p -> p.toString().endsWith(".log")).sorted().toList().stream();
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
