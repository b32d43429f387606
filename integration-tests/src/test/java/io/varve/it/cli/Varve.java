// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs the launcher script of this checkout. Immutable. */
final class Varve {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Path script;
    private final Path workDirectory;
    private final Map<String, String> environment;

    /** What a command wrote and how it ended. */
    record Ended(int exitCode, byte[] out, String err, Duration took) {
        String text() {
            return new String(out, StandardCharsets.UTF_8);
        }
    }

    private Varve(Path script, Path workDirectory, Map<String, String> environment) {
        this.script = script;
        this.workDirectory = workDirectory;
        this.environment = environment;
    }

    /** Commands with this directory as their current one. */
    static Varve in(Path workDirectory) {
        // The build that runs this test has just made the jars: a build inside it would fight with it.
        return new Varve(launcher(), workDirectory, Map.of("VARVE_BUILD", "never"));
    }

    static Path launcher() {
        return Path.of(System.getProperty("varve.sources"), "varve");
    }

    Varve with(String variable, String value) {
        Map<String, String> more = new LinkedHashMap<>(environment);
        more.put(variable, value);
        return new Varve(script, workDirectory, more);
    }

    /** The same through another path to the script. */
    Varve through(Path link) {
        return new Varve(link, workDirectory, environment);
    }

    Ended run(String... arguments) throws IOException {
        return feed(new byte[0], arguments);
    }

    /** Runs a command that must succeed; returns what it wrote to standard output. */
    byte[] ok(String... arguments) throws IOException {
        Ended ended = run(arguments);
        if (ended.exitCode() != 0) {
            throw new IOException(List.of(arguments) + " ended with " + ended.exitCode() + ": " + ended.err());
        }
        return ended.out();
    }

    /** Runs a command with these bytes as its standard input. */
    Ended feed(byte[] input, String... arguments) throws IOException {
        long began = System.nanoTime();
        Process process = start(arguments);
        CompletableFuture<byte[]> out = CompletableFuture.supplyAsync(() -> readAll(process.getInputStream()));
        CompletableFuture<byte[]> err = CompletableFuture.supplyAsync(() -> readAll(process.getErrorStream()));
        try (OutputStream in = process.getOutputStream()) {
            in.write(input);
        } catch (IOException e) {
            // It ended without reading: its exit code says whether that was right.
        }
        try {
            if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(List.of(arguments) + " takes more than " + TIMEOUT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        return new Ended(process.exitValue(), out.join(), new String(err.join(), StandardCharsets.UTF_8), took);
    }

    Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(script.toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(workDirectory.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static byte[] readAll(InputStream stream) {
        try (stream) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
