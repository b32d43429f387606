// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.cli.CommandFailure;
import io.varve.cli.ProcessStat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalDirectoryTest {
    @TempDir
    private Path root = Path.of("");

    @Test
    void shouldRememberNodes() {
        LocalNode node = LocalNode.stopped(1, 9000)
                .startedAs(ProcessStat.of(ProcessHandle.current().pid()).orElseThrow());

        new LocalDirectory(root).save(List.of(node));

        assertThat(new LocalDirectory(root).nodes()).containsExactly(node);
        assertThat(node.isAlive()).isTrue();
    }

    @Test
    void shouldNotTakeAnotherProcessOfTheSamePidForTheNode() {
        ProcessStat self = ProcessStat.of(ProcessHandle.current().pid()).orElseThrow();

        assertThat(new LocalNode(1, 9000, self.pid(), self.startTicks() - 1).isAlive())
                .isFalse();
    }

    @Test
    void shouldWipeItsOwnFilesOnly() throws IOException {
        LocalDirectory local = new LocalDirectory(root);
        local.create(1);
        local.save(List.of(LocalNode.stopped(1, 9000)));
        Files.createDirectories(local.data(1).resolve("logs"));
        Files.writeString(local.data(1).resolve("logs/0.log"), "records");
        Files.writeString(root.resolve("mine.txt"), "not yours");

        local.wipe();

        assertThat(root).isDirectoryContaining("glob:**/mine.txt").isDirectoryNotContaining("glob:**/node-1");
        assertThat(local.nodes()).isEmpty();
    }

    @Test
    void shouldWipeTheDirectoryItselfWhenNothingElseIsThere() {
        LocalDirectory local = new LocalDirectory(root.resolve("cluster"));
        local.create(1);
        local.save(List.of(LocalNode.stopped(1, 9000)));

        local.wipe();

        assertThat(root.resolve("cluster")).doesNotExist();
    }

    @Test
    void shouldRefuseAStateThatItDidNotWrite() throws IOException {
        Files.writeString(root.resolve("local.json"), "hello");

        assertThatThrownBy(() -> new LocalDirectory(root).nodes())
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("local.json");
    }
}
