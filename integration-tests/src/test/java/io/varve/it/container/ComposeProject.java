// SPDX-License-Identifier: Apache-2.0
package io.varve.it.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.testcontainers.DockerClientFactory;

/**
 * What a user types: {@code docker-compose} (or {@code docker compose}) with this checkout's file, for one project.
 * <i>Immutable.</i>
 *
 * @param command {@code docker-compose}, or the two words
 * @param name of the project; empty for the one that the directory stands for
 * @param environment variables that the file knows
 */
record ComposeProject(List<String> command, String name, Map<String, String> environment) {
    static final Path SOURCES =
            Path.of(System.getProperty("varve.sources", "..")).toAbsolutePath();

    /** Longer than a node may take to stop, and than an image to build on a slow machine. */
    private static final Duration COMMAND_TIMEOUT = Duration.ofMinutes(3);

    private static final Duration READY_TIMEOUT = Duration.ofMinutes(2);

    /** How compose is called here; empty if there is none. */
    static Optional<List<String>> installed() {
        for (List<String> command : List.of(List.of("docker", "compose"), List.of("docker-compose"))) {
            try {
                new ComposeProject(command, "", Map.of()).run("version");
                return Optional.of(command);
            } catch (IOException e) {
                // the other one then
            }
        }
        return Optional.empty();
    }

    /** Whether it is {@code docker compose}, which names containers in another way than its predecessor. */
    boolean isPlugin() {
        return command.size() > 1;
    }

    ComposeProject with(String variable, String value) {
        Map<String, String> more = new LinkedHashMap<>(environment);
        more.put(variable, value);
        return new ComposeProject(command, name, more);
    }

    /**
     * Runs a command of compose that must succeed.
     *
     * @return its standard output
     */
    String run(String... arguments) throws IOException {
        List<String> words = new ArrayList<>(command);
        words.addAll(List.of("-f", SOURCES.resolve("docker-compose.yml").toString()));
        if (!name.isEmpty()) {
            words.addAll(List.of("-p", name));
        }
        words.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        CompletableFuture<String> out = CompletableFuture.supplyAsync(() -> readAll(process.getInputStream()));
        CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> readAll(process.getErrorStream()));
        try {
            if (!process.waitFor(COMMAND_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(words + " takes more than " + COMMAND_TIMEOUT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(words + " was interrupted", e);
        }
        if (process.exitValue() != 0) {
            throw new IOException(words + " ended with " + process.exitValue() + ": " + out.join() + err.join());
        }
        return out.join();
    }

    /** Runs {@code varve} in a service's container. */
    String varve(String service, String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of("exec", "-T", service, "varve"));
        words.addAll(List.of(arguments));
        return run(words.toArray(String[]::new));
    }

    /** Waits until the containers of these services say that they are healthy. */
    void awaitHealthy(String... services) throws IOException {
        for (String service : services) {
            String id = container(service);
            await("health of " + service)
                    .atMost(READY_TIMEOUT)
                    .pollInterval(Duration.ofMillis(250))
                    .untilAsserted(() -> assertThat(health(id))
                            .as(() -> service + " says: " + logs(service))
                            .isEqualTo("healthy"));
        }
    }

    /** The exit code of a service whose container has ended. */
    long exitCode(String service) throws IOException {
        Long code = state(container(service)).getExitCodeLong();
        assertThat(code).as("exit code of " + service).isNotNull();
        return code;
    }

    /** What a service has written; or why that is not known. */
    String logs(String service) {
        try {
            return run("logs", "--no-color", "--tail", "80", service);
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private String container(String service) throws IOException {
        String id = run("ps", "-a", "-q", service).strip();
        assertThat(id).as("container of " + service).isNotEmpty();
        return id;
    }

    private static String health(String container) {
        var health = state(container).getHealth();
        return health == null ? "" : health.getStatus();
    }

    private static ContainerState state(String container) {
        return DockerClientFactory.instance()
                .client()
                .inspectContainerCmd(container)
                .exec()
                .getState();
    }

    private static String readAll(InputStream stream) {
        try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
