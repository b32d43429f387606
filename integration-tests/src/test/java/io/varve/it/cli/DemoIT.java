// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated
class DemoIT {
    private static final long LIMIT_SECONDS = 240;
    private static final long POLL_NANOS = 50_000_000;

    @TempDir
    private Path work = Path.of("");

    // Where the demo puts its cluster: everything that it starts has this path in its command line.
    @TempDir
    private Path temporary = Path.of("");

    private Process demo = none();

    @AfterEach
    void endWhatIsLeft() throws InterruptedException {
        demo.destroyForcibly().waitFor();
        leftBehind().forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void shouldLoseNothingWhenALeaderIsKilledAndLeaveNothingBehind() throws Exception {
        Path input = Files.writeString(work.resolve("in.log"), "one\r\n\nthree\n");

        begin("--input", input.toString(), "--records", "600");

        assertThat(demo.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as(output()).isTrue();
        assertThat(demo.exitValue()).as(output()).isZero();
        assertThat(output())
                .containsPattern("acknowledged +600 of 600\n")
                .containsPattern("read +600\n")
                .containsPattern("lost +0\n")
                .containsPattern("duplicated +0\n")
                .containsPattern("longest pause +[0-9,]+ms")
                .contains("kill -9 of node ");
        assertThat(directories()).isEmpty();
        assertThat(leftBehind()).isEmpty();
    }

    @Test
    void shouldLeaveNothingBehindWhenItIsInterrupted() throws Exception {
        begin("--records", "600");
        await(() -> output().contains("sending 600 records"), "records are sent");

        demo.destroy(); // as Ctrl-C does it: by a signal that can be heard

        assertThat(demo.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as(output()).isTrue();
        assertThat(demo.exitValue()).as(output()).isNotZero();
        assertThat(directories()).isEmpty();
        assertThat(leftBehind()).isEmpty();
    }

    private void begin(String... arguments) throws IOException {
        List<String> command = Stream.concat(Stream.of(Varve.launcher().toString(), "demo"), Stream.of(arguments))
                .toList();
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(work.resolve("output").toFile());
        // The build that runs this test has just made the jars: a build inside it would fight with it.
        builder.environment().put("VARVE_BUILD", "never");
        builder.environment().put("VARVE_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary);
        demo = builder.start();
    }

    private void await(BooleanSupplier condition, String what) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(demo.isAlive())
                    .as("waiting until " + what + ": " + output())
                    .isTrue();
            assertThat(System.nanoTime() - deadline)
                    .as("waiting until " + what + ": " + output())
                    .isNegative();
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private String output() {
        try {
            return Files.readString(work.resolve("output"), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "no output: " + e;
        }
    }

    private List<Path> directories() throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.filter(file -> Objects.toString(file.getFileName(), "").startsWith("varve-demo-"))
                    .toList();
        }
    }

    private List<ProcessHandle> leftBehind() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(temporary.toString()))
                .toList();
    }

    private static Process none() {
        try {
            return new ProcessBuilder("true").start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
