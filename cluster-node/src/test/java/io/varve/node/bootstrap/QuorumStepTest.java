// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.varve.metadata.ratis.VoterId;
import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.node.config.NodeConfig;
import io.varve.proto.Uuids;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real voters, in one process, that have to find together. */
@Timeout(120)
class QuorumStepTest {

    private static final Duration LIMIT = Duration.ofSeconds(40);

    @TempDir
    private Path dir;

    private final UUID clusterId = Uuids.random();
    private final List<VoterNode> nodes = new ArrayList<>();
    private List<NodeConfig> configs = List.of();

    @BeforeEach
    void configure() throws Exception {
        configs = VoterNode.configs(dir, clusterId, 3);
    }

    @AfterEach
    void stop() {
        nodes.parallelStream().forEach(VoterNode::close);
    }

    /** Does not wait: a voter's first start needs the others. */
    private CompletableFuture<Void> start(NodeConfig config) {
        VoterNode node = new VoterNode(config);
        nodes.add(node);
        return start(node);
    }

    private static CompletableFuture<Void> start(VoterNode node) {
        CompletableFuture<Void> started = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                node.start();
                started.complete(null);
            } catch (Exception | Error e) {
                started.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return started;
    }

    private static void get(CompletableFuture<Void> start) throws Exception {
        start.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private static StartFailure failure(CompletableFuture<Void> start) {
        var thrown = catchThrowableOfType(java.util.concurrent.ExecutionException.class, () -> get(start));
        return (StartFailure) java.util.Objects.requireNonNull(thrown.getCause());
    }

    private void formAll() throws Exception {
        List<CompletableFuture<Void>> starts = new ArrayList<>();
        for (NodeConfig config : configs) {
            VoterNode.format(config, Formation.derived());
            starts.add(start(config));
        }
        for (CompletableFuture<Void> start : starts) {
            get(start);
        }
        awaitLeader();
    }

    private void awaitLeader() {
        await().atMost(LIMIT)
                .until(() -> nodes.stream().filter(n -> n.leader().self()).count() == 1
                        && nodes.stream()
                                        .map(n -> n.leader().nodeId())
                                        .distinct()
                                        .count()
                                == 1);
    }

    @Test
    void shouldFormAQuorumOfNodesThatWereFormattedAlone() throws Exception {
        formAll();

        assertThat(nodes).allSatisfy(n -> assertThat(n.health.isReady()).isTrue());
    }

    @Test
    void shouldStartAgainWithoutAllOfTheOthers() throws Exception {
        formAll();
        nodes.parallelStream().forEach(VoterNode::close);
        nodes.clear();

        get(start(configs.get(0)));
        get(start(configs.get(2)));

        awaitLeader();
    }

    @Test
    void shouldRefuseAVoterThatComesBackOnAnEmptyDiskAndLetItJoinWithoutAVote() throws Exception {
        // given a quorum, one voter of which loses its disk
        formAll();
        nodes.remove(1).close();
        wipe(configs.get(1));

        // when it comes back as if nothing had been
        VoterNode.format(configs.get(1), Formation.derived());
        StartFailure refused = failure(start(configs.get(1)));

        // then the others remember
        assertThat(refused.reason()).isEqualTo(Reason.DISK_LOST);
        assertThat(refused).hasMessageContaining("node 2 was a voter of the metadata quorum with another disk");
        assertThat(refused.hint()).contains("--initial-voters none");

        // and it may join as somebody else, who stays that
        nodes.remove(2).close();
        wipe(configs.get(1));
        VoterNode.format(configs.get(1), Formation.none());
        get(start(configs.get(1)));
        assertThat(nodes.remove(2).votes()).isFalse();
        NodeFormat.format(configs.get(1), java.util.Optional.of(clusterId), Formation.derived(), true);
        assertThat(NodeFormat.votes(configs.get(1))).isFalse();
    }

    @Test
    void shouldRefuseAnEmptyDiskAlsoWhileTheVoterWithEverythingIsDown() throws Exception {
        formAll();
        nodes.parallelStream().forEach(VoterNode::close);
        nodes.clear();
        wipe(configs.get(1));
        VoterNode.format(configs.get(1), Formation.derived());

        get(start(configs.get(2)));

        assertThat(failure(start(configs.get(1))).reason()).isEqualTo(Reason.DISK_LOST);
    }

    @Test
    void shouldSayWhomTheFirstStartWaitsForAndStopWhenTold() throws Exception {
        VoterNode.format(configs.get(0), Formation.derived());
        var started = start(configs.get(0));

        await().atMost(LIMIT).until(() -> !nodes.get(0).health.problems().isEmpty());
        var problem = nodes.get(0).health.problems().get(0);
        assertThat(problem.reason()).isEqualTo("WAITING_FOR_VOTERS");
        assertThat(problem.message()).contains("2@127.0.0.1:").contains("3@127.0.0.1:");

        nodes.get(0).stopWanted = true;
        assertThat(failure(started).reason()).isEqualTo(Reason.QUORUM_UNAVAILABLE);
    }

    @Test
    void shouldRefuseVotersThatWereFormattedForDifferentQuorums() throws Exception {
        List<VoterId> others = new ArrayList<>();
        for (int id = 1; id <= 3; id++) {
            others.add(new VoterId(id, Uuids.random()));
        }
        VoterNode.format(configs.get(0), Formation.derived());
        VoterNode.format(configs.get(1), Formation.given(others));

        var first = start(configs.get(0));
        var second = start(configs.get(1));

        // Whoever hears it first is gone, and the other may then have nobody left to hear it from.
        await().atMost(LIMIT).until(() -> first.isDone() || second.isDone());
        nodes.forEach(node -> node.stopWanted = true);
        var failures = List.of(failure(first), failure(second));
        assertThat(failures)
                .extracting(StartFailure::reason)
                .contains(Reason.DIRECTORY_FOREIGN)
                .isSubsetOf(Reason.DIRECTORY_FOREIGN, Reason.QUORUM_UNAVAILABLE);
        assertThat(failures)
                .filteredOn(failure -> failure.reason() == Reason.DIRECTORY_FOREIGN)
                .allSatisfy(refused -> assertThat(refused).hasMessageContaining("formatted for the voters"));
    }

    private static void wipe(NodeConfig config) throws IOException {
        try (var files = Files.walk(config.storage().directory())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
