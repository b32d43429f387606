// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.client.TopicPartition;
import io.varve.it.load.SteadyLoad;
import io.varve.it.process.NodeFiles;
import io.varve.proto.v1.ClusterProblem;
import io.varve.proto.v1.NodeDiskStatus;
import io.varve.proto.v1.NodeListing;
import io.varve.proto.v1.NodeStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes, and a disk whose file system becomes read-only under a leader: every write and every flush fails from one moment to the next. */
@Timeout(420)
class FailedDiskIT {
    private static final long SEED = Long.getLong("varve.it.seed", System.nanoTime());
    private static final SteadyLoad.Settings LOAD = new SteadyLoad.Settings(2, 500, 300);
    private static final int DISK_MIB = 768;
    private static final int SOME_RECORDS = 300;

    @TempDir
    Path directory;

    @BeforeEach
    void skipWithoutDisks() {
        ClusterOnDisks.assumePossible();
    }

    @Test
    void shouldTakeTheDirectoryOfflineAndMoveItsLeaders() throws IOException {
        try (ClusterOnDisks home = start(ClusterOnDisks::withRaftElsewhere)) {
            LoadedCluster cluster = home.cluster();
            int victim = leaderThatIsNotController(cluster);
            List<TopicPartition> affected = cluster.ledBy(victim);
            long failed = System.nanoTime();
            home.disks().of(victim).fail();
            cluster.awaitTakeover(affected, failed);
            assertThat(cluster.ledBy(victim)).isEmpty();

            ClusterProblem problem = cluster.view().awaitProblem("KAFKA_STORAGE_ERROR", "broker=" + victim);
            assertThat(problem.getMessage())
                    .contains("node " + victim, home.disks().of(victim).directory().toString());
            // A flush that was on its way when the disk failed says the latter.
            assertThat(problem.getMessage()).containsAnyOf("Read-only file system", "Input/output error");
            assertThat(problem.getNextStep()).contains("start it again");
            NodeListing listed = cluster.view().node(victim);
            assertThat(listed.getStatus()).isEqualTo(NodeStatus.NODE_STATUS_DIRECTORY_OFFLINE);
            assertThat(listed.getDisk().getStatus()).isEqualTo(NodeDiskStatus.NODE_DISK_STATUS_OFFLINE);
            assertThat(cluster.nodes().get(victim, "/health/live").statusCode())
                    .as("only a restart can help")
                    .isEqualTo(503);
            assertThat(cluster.nodes().isAlive(victim)).as("its voter goes on").isTrue();

            cluster.nodes().kill(victim);
            repairAndComeBack(home, victim);
        }
    }

    /** With the metadata log on the same disk the voter cannot go on, and the process says why it ends. */
    @Test
    void shouldEndTheNodeWhenItsMetadataLogIsOnTheDiskThatFailed() throws IOException {
        try (ClusterOnDisks home = start(UnaryOperator.identity())) {
            LoadedCluster cluster = home.cluster();
            int victim = leaderThatIsNotController(cluster);
            List<TopicPartition> affected = cluster.ledBy(victim);
            long failed = System.nanoTime();
            home.disks().of(victim).fail();
            cluster.awaitTakeover(affected, failed);

            // something for the metadata log to keep; asked of the node that ends, it may not be answered
            cluster.client()
                    .admin()
                    .createTopic(io.varve.client.NewTopic.of("another", 1, 2))
                    .handle((created, failure) -> failure == null)
                    .join();
            assertThat(cluster.nodes().awaitEnd(victim)).isEqualTo(1);
            repairAndComeBack(home, victim);
        }
    }

    private ClusterOnDisks start(UnaryOperator<NodeFiles> adjust) throws IOException {
        return ClusterOnDisks.start(
                directory, DISK_MIB, files -> adjust.apply(ClusterOnDisks.withoutWatermarks(files)), LOAD, SEED);
    }

    private static void repairAndComeBack(ClusterOnDisks home, int victim) throws IOException {
        LoadedCluster cluster = home.cluster();
        cluster.awaitAcknowledged(SOME_RECORDS);
        home.disks().of(victim).repair();
        cluster.nodes().launch(victim);
        cluster.nodes().awaitReady();
        cluster.view().awaitInSync();
        cluster.view().awaitHealthy();
        LoadedCluster.Verdict verdict = cluster.judge();
        assertThat(verdict.findings()).as("seed %s", SEED).isEmpty();
        assertThat(verdict.failures())
                .as("seed %s: errors that clients saw", SEED)
                .isEmpty();
        assertThat(verdict.errorLines())
                .as("seed %s: of those whose disks are well", SEED)
                .allMatch(line -> line.startsWith("node " + victim + ":"));
    }

    private static int leaderThatIsNotController(LoadedCluster cluster) {
        int controller = cluster.view().controllerId();
        return cluster.view().leaders().values().stream()
                .filter(leader -> leader != controller && leader != 0)
                .findFirst()
                .orElseThrow();
    }
}
