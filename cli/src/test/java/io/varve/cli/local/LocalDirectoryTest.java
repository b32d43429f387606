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

        new LocalDirectory(root).save(new LocalState("id", List.of(node)));

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
        local.save(LocalState.of("id", 1, 9000));
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
        local.save(LocalState.of("id", 1, 9000));

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

    @Test
    void shouldReadWhatAnEarlierVersionWrote() throws IOException {
        Files.writeString(root.resolve("local.json"), """
                {"nodes": [{"id": 1, "portBase": 9000, "pid": 0, "startTicks": 0}]}
                """);

        assertThat(new LocalDirectory(root).nodes()).containsExactly(LocalNode.stopped(1, 9000));
        assertThat(new LocalDirectory(root).state().orElseThrow().clusterId()).isNull();
    }

    @Test
    void shouldGiveEachNodePortsOfItsOwnAndOneThreeOrFiveOfThemAVote() {
        LocalState four = LocalState.of("id", 4, 7171);

        assertThat(four.bootstrap()).isEqualTo("localhost:7171,localhost:7271,localhost:7371,localhost:7471");
        assertThat(four.voters()).extracting(LocalNode::id).containsExactly(1, 2, 3);
        assertThat(LocalState.of("id", 2, 7171).voters()).hasSize(1);
        assertThat(LocalState.of("id", 9, 7171).voters()).hasSize(5);
        assertThat(LocalState.lastPortBase(3)).isEqualTo(65_326);
    }

    @Test
    void shouldTellEachNodeOfAllVotersUnlessItIsAlone() {
        LocalState three = LocalState.of("id", 3, 7171);

        assertThat(NodeFile.text(three.nodes().get(1), Path.of("/d"), three.voters()))
                .contains(
                        "node.id: 2",
                        "peer.bind: 127.0.0.1:7272",
                        "raft.bind: 127.0.0.1:7273",
                        "http.bind: 127.0.0.1:7280")
                .contains(
                        "quorum.voters: [\"1@127.0.0.1:7173:7172\", \"2@127.0.0.1:7273:7272\", \"3@127.0.0.1:7373:7372\"]");
        LocalState one = LocalState.of("id", 1, 7171);
        assertThat(NodeFile.text(one.nodes().get(0), Path.of("/d"), one.voters()))
                .doesNotContain("quorum.voters");
    }

    @Test
    void shouldFindRunningNodesOnly() {
        LocalState two = LocalState.of("id", 2, 9000);
        new LocalDirectory(root)
                .save(two.with(two.nodes()
                        .get(1)
                        .startedAs(ProcessStat.of(ProcessHandle.current().pid()).orElseThrow())));

        assertThat(LocalNodes.bootstrap(root)).contains("localhost:9100");
        assertThat(LocalNodes.bootstrap(root.resolve("nowhere"))).isEmpty();
    }
}
