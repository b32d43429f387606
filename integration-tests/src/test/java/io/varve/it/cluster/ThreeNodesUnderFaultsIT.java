// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.client.TopicPartition;
import io.varve.it.load.SteadyLoad;
import io.varve.it.process.Pauses;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing that was acknowledged is lost, doubled or out of order, whatever becomes of single nodes or of all of them. {@code dev/failover-run} does the
 * same at length, with figures.
 */
@Timeout(value = 180)
class ThreeNodesUnderFaultsIT {
    private static final long SEED = Long.getLong("varve.it.seed", System.nanoTime());
    private static final SteadyLoad.Settings LOAD = new SteadyLoad.Settings(2, 500, 300);
    private static final int SOME_RECORDS = 500;
    private static final Duration LONGER_THAN_A_SESSION = Duration.ofSeconds(5);
    private static final int GAP_MS_MAX = 2000;

    @TempDir
    Path directory;

    @SuppressWarnings("NullAway.Init")
    private LoadedCluster cluster;

    @BeforeEach
    void start() throws IOException {
        cluster = LoadedCluster.start(directory, LOAD, SEED);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void shouldGoOnWithoutALeader() throws IOException {
        killAndBringBack(leaderThatIsNotController());
        assertPromisesKept();
    }

    @Test
    void shouldGoOnWithoutTheController() throws IOException {
        killAndBringBack(cluster.view().controllerId());
        assertPromisesKept();
    }

    @Test
    void shouldGoOnWithoutAFollower() throws IOException {
        int follower = leaderThatIsNotController();
        moveLeadershipAway(follower);
        cluster.nodes().kill(follower);
        cluster.awaitTakeover(cluster.load().partitions(), System.nanoTime());
        cluster.nodes().launch(follower);
        cluster.nodes().awaitReady();
        cluster.view().awaitInSync();
        assertPromisesKept();
    }

    @Test
    void shouldComeBackAfterAllWereKilled() throws IOException {
        Random random = new Random(SEED);
        List<Integer> order = new ArrayList<>(cluster.nodes().ids());
        Collections.shuffle(order, random);
        order.forEach(cluster.nodes()::kill);
        for (int id : order) {
            cluster.nodes().launch(id);
            Pauses.of(Duration.ofMillis(random.nextInt(GAP_MS_MAX)));
        }
        cluster.nodes().awaitReady();
        cluster.awaitTakeover(cluster.load().partitions(), System.nanoTime());
        cluster.view().awaitInSync();
        assertPromisesKept();
    }

    @Test
    void shouldReplaceALeaderThatDoesNotAnswer() throws IOException {
        int leader = leaderThatIsNotController();
        List<TopicPartition> affected = cluster.ledBy(leader);
        cluster.nodes().freeze(leader);
        long frozen = System.nanoTime();
        Pauses.of(LONGER_THAN_A_SESSION);
        cluster.nodes().thaw(leader);
        cluster.awaitTakeover(affected, frozen);
        cluster.view().awaitInSync();
        assertPromisesKept();
    }

    @Test
    void shouldStopALeaderWithoutAnErrorForClients() throws IOException {
        int leader = leaderThatIsNotController();
        List<TopicPartition> affected = cluster.ledBy(leader);
        long signal = System.nanoTime();
        assertThat(cluster.nodes().stop(leader)).as("exit code").isZero();
        cluster.awaitTakeover(affected, signal);
        cluster.awaitAcknowledged(SOME_RECORDS);
        cluster.nodes().launch(leader);
        cluster.nodes().awaitReady();
        cluster.view().awaitInSync();
        assertPromisesKept();
    }

    private void killAndBringBack(int victim) throws IOException {
        List<TopicPartition> affected = cluster.ledBy(victim);
        long signal = System.nanoTime();
        cluster.nodes().kill(victim);
        long longest = Collections.max(cluster.awaitTakeover(affected, signal).values());
        System.out.printf(
                "seed %d: node %d killed, %s taken over within %d ms%n",
                SEED, victim, affected, TimeUnit.NANOSECONDS.toMillis(longest));
        cluster.awaitAcknowledged(SOME_RECORDS);
        cluster.nodes().launch(victim);
        cluster.nodes().awaitReady();
        cluster.view().awaitInSync();
    }

    private int leaderThatIsNotController() {
        int controller = cluster.view().controllerId();
        return cluster.view().leaders().values().stream()
                .filter(leader -> leader != controller && leader != 0)
                .findFirst()
                .orElseThrow(() -> new AssertionError(
                        "the controller leads everything: " + cluster.view().describe()));
    }

    private void moveLeadershipAway(int node) {
        for (TopicPartition partition : cluster.ledBy(node)) {
            int other = cluster.nodes().ids().stream()
                    .filter(id -> id != node)
                    .findFirst()
                    .orElseThrow();
            cluster.view().transfer(partition, other);
        }
        assertThat(cluster.ledBy(node)).isEmpty();
    }

    private void assertPromisesKept() throws IOException {
        LoadedCluster.Verdict verdict = cluster.judge();
        assertThat(verdict.findings()).as("seed %s", SEED).isEmpty();
        assertThat(verdict.failures())
                .as("seed %s: errors that clients saw", SEED)
                .isEmpty();
        assertThat(verdict.errorLines()).as("seed %s", SEED).isEmpty();
    }
}
