// SPDX-License-Identifier: Apache-2.0
package io.varve.it.process;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A node in a process of its own, started as a user's launcher starts it, but small and quick. Confined to one thread.
 */
public final class NodeProcess implements AutoCloseable {
    /** Three starts at once on a busy machine take most of a minute. */
    private static final Duration READY_TIMEOUT = Duration.ofSeconds(120);

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(25);
    private static final int LOG_LINES_SHOWN = 60;
    private static final int LINES_OF_AN_ERROR = 6;
    private static final String MAIN = "io.varve.node.NodeMain";

    private static final List<String> SMALL_AND_QUICK = List.of(
            "-Xmx128m",
            "-XX:MaxDirectMemorySize=160m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
            "-Xshare:auto");

    private static final List<String> FULL_SIZE = List.of("-Xms64m", "-Xmx256m", "-XX:MaxDirectMemorySize=256m");

    private final NodeFiles files;
    private final Process process;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

    private NodeProcess(NodeFiles files, Process process) {
        this.files = files;
        this.process = process;
    }

    /** Prepares the directories of a node that is alone, once. */
    public static void format(NodeFiles files) throws IOException {
        format(files, List.of("--standalone"));
    }

    /** The same with other options of {@code node format}. */
    public static void format(NodeFiles files, List<String> options) throws IOException {
        String configuration = files.writeConfiguration().toString();
        List<String> command = command(MAIN);
        command.addAll(List.of("format", "--config", configuration));
        command.addAll(options);
        Commands.run(command, environment());
    }

    /** Starts the process and returns at once. */
    public static NodeProcess launch(NodeFiles files) throws IOException {
        return launch(files, MAIN);
    }

    /** The same with another entry point, which takes the arguments of the node's own. */
    public static NodeProcess launch(NodeFiles files, String mainClass) throws IOException {
        return launch(files, command(mainClass));
    }

    /** As {@link #launch(NodeFiles)}, with the memory that the launcher gives a node. */
    public static NodeProcess launchAtFullSize(NodeFiles files) throws IOException {
        List<String> command = command(MAIN);
        command.addAll(command.size() - 1, FULL_SIZE);
        return launch(files, command);
    }

    private static NodeProcess launch(NodeFiles files, List<String> command) throws IOException {
        command.addAll(List.of("run", "--config", files.writeConfiguration().toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log(files).toFile()));
        builder.environment().putAll(environment());
        return new NodeProcess(files, builder.start());
    }

    /** Starts the process and returns when it takes requests. */
    public static NodeProcess start(NodeFiles files) throws IOException {
        NodeProcess node = launch(files);
        node.awaitReady();
        return node;
    }

    /** Returns when health says ready; fails when the process ends or two minutes are over. */
    public void awaitReady() throws IOException {
        if (!awaitTrue(READY_TIMEOUT, () -> isReady() || !process.isAlive()) || !process.isAlive()) {
            String why = process.isAlive() ? "not ready after " + READY_TIMEOUT : "ended with " + process.exitValue();
            kill();
            throw new IOException("the node is " + why + "; it said:\n" + logTail());
        }
    }

    public boolean isReady() {
        try {
            return get("/health/ready").statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** What an operator's browser would get from the HTTP port. */
    public HttpResponse<String> get(String path) throws IOException {
        URI uri = URI.create("http://127.0.0.1:" + files.httpPort() + path);
        try {
            return http.send(
                    HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(2)).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /**
     * SIGSTOP; returns when no thread of the process executes its code. Those that are inside a call of the kernel finish it, but do not see its
     * result before {@link #thaw}.
     */
    public void freeze() throws IOException {
        Commands.run(List.of("kill", "-STOP", Long.toString(pid())));
        if (!awaitTrue(STOP_TIMEOUT, this::isFrozen)) {
            throw new IOException("process " + pid() + " still runs " + STOP_TIMEOUT + " after SIGSTOP");
        }
    }

    /** SIGCONT: it goes on as if no time had passed. */
    public void thaw() throws IOException {
        Commands.run(List.of("kill", "-CONT", Long.toString(pid())));
    }

    /** kill -9; returns when the process is gone. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** SIGTERM; returns at once. */
    public void terminate() {
        process.destroy();
    }

    /**
     * SIGTERM; returns the exit code.
     *
     * @throws IOException when it does not end in time
     */
    public int stop() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                kill();
                throw new IOException("the node ran on " + STOP_TIMEOUT + " after SIGTERM; it said:\n" + logTail());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return process.exitValue();
    }

    /** Returns the exit code when the process has ended by itself; fails when it runs on for two minutes. */
    public int awaitEnd() throws IOException {
        if (!awaitTrue(READY_TIMEOUT, () -> !process.isAlive())) {
            throw new IOException(
                    "process " + pid() + " still runs after " + READY_TIMEOUT + "; it said:\n" + logTail());
        }
        return process.exitValue();
    }

    /** Resident memory in KiB, as the kernel counts it. */
    public long residentKib() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow(() -> new IOException("process " + pid() + " has no VmRSS"));
    }

    /** What all processes with these files have said so far that an operator would have to act on, with the lines below. */
    public static List<String> errorLines(NodeFiles files) throws IOException {
        List<String> lines = Files.readAllLines(log(files));
        List<String> found = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).contains(" ERROR ") || lines.get(i).contains("LEAK:")) {
                found.add(String.join("\n", lines.subList(i, Math.min(lines.size(), i + LINES_OF_AN_ERROR))));
            }
        }
        return found;
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
    }

    /** Every thread is stopped (T), or waits for the disk inside the kernel (D). */
    private boolean isFrozen() {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/" + pid() + "/task"))) {
            for (Path thread : threads) {
                String stat = Files.readString(thread.resolve("stat"));
                // The name before it is in parentheses, and may contain anything.
                char state = stat.charAt(stat.lastIndexOf(')') + 2);
                if (state != 'T' && state != 'D') {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false; // a thread ended while we looked
        }
    }

    private String logTail() throws IOException {
        List<String> lines = Files.readAllLines(log(files));
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size()));
    }

    private static Path log(NodeFiles files) {
        return files.workDirectory().resolve("node.log");
    }

    private static List<String> command(String mainClass) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(SMALL_AND_QUICK);
        command.add(mainClass);
        return command;
    }

    /** The class path is ours; as a variable it does not fill every message. */
    private static Map<String, String> environment() {
        return Map.of("CLASSPATH", System.getProperty("java.class.path"));
    }

    private static boolean awaitTrue(Duration timeout, BooleanSupplier condition) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Pauses.of(POLL);
        }
        return true;
    }
}
