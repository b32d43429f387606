// SPDX-License-Identifier: Apache-2.0
package io.varve.it.container;

import io.varve.client.VarveClient;
import java.io.File;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.containers.ComposeContainer;
import org.testcontainers.containers.ContainerState;
import org.testcontainers.containers.DockerComposeContainer;
import org.testcontainers.lifecycle.Startable;

/**
 * The three nodes of {@code docker-compose.yml}, built and up for a class of tests, on ports and with volumes of their
 * own; gone with everything they kept after it. Confined to one thread.
 */
final class ComposeCluster implements BeforeAllCallback, AfterAllCallback {
    static final List<String> NODES = List.of("varve-1", "varve-2", "varve-3");

    /** Of the nodes in the file, and of one more that a test may start. */
    private static final int NODES_MAX = 4;

    private State state = State.NONE;

    private record State(Startable containers, ComposeProject project, int firstPort) {
        // replaced before the first test
        @SuppressWarnings("NullAway")
        private static final State NONE = new State(null, null, 0);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        var there = ContainerEngine.compose();
        int firstPort = ContainerEngine.freePorts(2 * NODES_MAX);
        var unnamed = new ComposeProject(there.command(), "", environment(firstPort));
        if (unnamed.isPlugin()) {
            ComposeContainer containers = new ComposeContainer("varve-it", List.of(file()))
                    .withEnv(unnamed.environment())
                    .withBuild(true)
                    .withPull(false);
            start(containers, unnamed, firstPort, containers::getContainerByServiceName);
        } else {
            DockerComposeContainer<?> containers = new DockerComposeContainer<>("varve-it", List.of(file()));
            containers.withEnv(unnamed.environment()).withBuild(true).withPull(false);
            start(containers, unnamed, firstPort, containers::getContainerByServiceName);
        }
    }

    private void start(
            Startable containers,
            ComposeProject unnamed,
            int firstPort,
            Function<String, Optional<ContainerState>> byServiceName)
            throws IOException {
        state = new State(containers, unnamed, firstPort);
        containers.start();
        String first = NODES.get(0) + (unnamed.isPlugin() ? "-1" : "_1");
        Map<String, String> labels = byServiceName
                .apply(first)
                .orElseThrow()
                .getContainerInfo()
                .getConfig()
                .getLabels();
        String name = Objects.requireNonNull(Objects.requireNonNull(labels).get("com.docker.compose.project"));
        var project = new ComposeProject(unnamed.command(), name, unnamed.environment());
        state = new State(containers, project, firstPort);
        project.awaitHealthy(NODES.toArray(String[]::new));
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        if (state.equals(State.NONE)) {
            return; // it never started
        }
        if (!state.project.name().isEmpty()) {
            // What belongs to a profile is not seen by the down that follows.
            state.project.run("--profile", "four", "down", "--volumes", "--timeout", "5");
        }
        state.containers.stop();
    }

    ComposeProject project() {
        return state.project;
    }

    /** A client on this host that knows the three nodes. */
    VarveClient client() {
        String bootstrap = IntStream.range(0, NODES.size())
                .mapToObj(i -> "localhost:" + port(i + 1))
                .collect(Collectors.joining(","));
        return VarveClient.builder().bootstrap(bootstrap).build();
    }

    /** Where clients on this host reach the node. */
    int port(int nodeId) {
        return state.firstPort + nodeId - 1;
    }

    private static File file() {
        return ComposeProject.SOURCES.resolve("docker-compose.yml").toFile();
    }

    private static Map<String, String> environment(int firstPort) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("VARVE_IMAGE", ContainerEngine.IMAGE);
        for (int i = 0; i < NODES_MAX; i++) {
            environment.put("VARVE_PORT_" + (i + 1), String.valueOf(firstPort + i));
            environment.put("VARVE_HTTP_PORT_" + (i + 1), String.valueOf(firstPort + NODES_MAX + i));
        }
        return environment;
    }
}
