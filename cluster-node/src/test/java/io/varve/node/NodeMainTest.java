// SPDX-License-Identifier: Apache-2.0
package io.varve.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeMainTest {

    private final StringWriter err = new StringWriter();

    @TempDir
    private Path dir;

    @Test
    void shouldSayWhatWasMeantByAMistypedCommand() {
        assertThat(run("rum")).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("error: USAGE: ")
                .contains("'rum'")
                .contains("hint: did you mean run?")
                .doesNotContain("\tat ");
    }

    @Test
    void shouldAskForTheConfigurationFile() {
        assertThat(run("run")).isEqualTo(2);
        assertThat(err.toString()).contains("--config");
    }

    @Test
    void shouldTellEveryMistakeOfTheConfiguration() throws Exception {
        Path file = Files.writeString(dir.resolve("node.yaml"), "node.id: 0\nio.thread: 4\n");

        assertThat(run("run", "--config", file.toString())).isEqualTo(2);

        assertThat(err.toString().lines())
                .anyMatch(line -> line.startsWith("error: INVALID_CONFIG: node.id must be from 1"))
                .anyMatch(line -> line.contains("io.thread is not a setting") && line.contains("io.threads?"))
                .anyMatch(line -> line.startsWith("hint: "))
                .noneMatch(line -> line.startsWith("\tat "));
    }

    @Test
    void shouldNameAMissingFile() {
        assertThat(run("format", "--config", dir.resolve("nope.yaml").toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("there is no configuration file").contains("nope.yaml");
    }

    private int run(String... args) {
        return NodeMain.commandLine().setErr(new PrintWriter(err, true)).execute(args);
    }
}
