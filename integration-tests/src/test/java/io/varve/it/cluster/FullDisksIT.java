// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.varve.client.NewTopic;
import io.varve.client.Outcome;
import io.varve.client.Producer;
import io.varve.client.ProducerRecord;
import io.varve.client.TopicPartition;
import io.varve.client.VarveException;
import io.varve.it.load.ReadBack;
import io.varve.it.load.SteadyLoad;
import io.varve.it.process.LoopDisk;
import io.varve.it.process.NodeFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes on small disks, which fill one after the other. */
@Timeout(420)
class FullDisksIT {
    private static final long SEED = Long.getLong("varve.it.seed", System.nanoTime());
    private static final SteadyLoad.Settings LOAD = new SteadyLoad.Settings(2, 500, 2000);
    private static final int VICTIM = 2;
    private static final long MIB = 1 << 20;
    /** Above what the metadata log keeps for itself. */
    private static final long HARD = 300 * MIB;

    @TempDir
    Path directory;

    @BeforeEach
    void skipWithoutDisks() {
        ClusterOnDisks.assumePossible();
    }

    @Test
    void shouldRefuseAppendsWhereThereIsNoRoomAndGoOnByItselfWhenThereIs() throws IOException {
        try (ClusterOnDisks home = ClusterOnDisks.start(directory, 768, FullDisksIT::withWatermarks, LOAD, SEED)) {
            LoadedCluster cluster = home.cluster();
            List<TopicPartition> all = cluster.load().partitions();
            List<TopicPartition> refusing = cluster.ledBy(VICTIM);
            List<TopicPartition> others =
                    all.stream().filter(p -> !refusing.contains(p)).toList();
            assertThat(refusing).isNotEmpty();

            home.disks().of(VICTIM).fillUpTo(HARD + 4 * MIB);
            assertThat(cluster.view()
                            .awaitProblem("DISK_FULL", "broker=" + VICTIM)
                            .getMessage())
                    .contains(
                            "node " + VICTIM,
                            home.disks().of(VICTIM).directory().toString(),
                            "bytes free");
            refusing.forEach(partition -> assertRefused(home, partition, VICTIM));
            // Who leads the others has room, and lets the one without go.
            cluster.awaitTakeover(others, System.nanoTime());
            cluster.view().awaitOutOfSync(VICTIM, others);
            assertThat(ReadBack.all(cluster.client(), Set.copyOf(refusing)))
                    .as("reads go on")
                    .allSatisfy((partition, records) -> assertThat(records).isNotEmpty());
            cluster.client().admin().createTopic(NewTopic.of("another", 3, 3)).join();
            cluster.client().admin().deleteTopic("another").join();

            for (int id : cluster.nodes().ids()) {
                if (id != VICTIM) {
                    home.disks().of(id).fillUpTo(HARD - MIB);
                }
            }
            for (int id : cluster.nodes().ids()) {
                cluster.view().awaitProblem("DISK_FULL", "broker=" + id);
            }
            cluster.view().leaders().forEach((partition, leader) -> assertRefused(home, partition, leader));

            for (LoopDisk disk : home.disks().all()) {
                disk.giveBack();
            }
            cluster.awaitTakeover(all, System.nanoTime());
            cluster.view().awaitInSync();
            cluster.view().awaitHealthy();
            assertPromisesKept(cluster);
            assertThat(cluster.nodes().errorLines()).as("seed %s", SEED).isEmpty();
        }
    }

    /** Without a reserve a write itself fails, after its offset was assigned: another replica leads. */
    @Test
    void shouldMoveLeadersAwayFromADiskThatRunsFullInTheMiddleOfAWrite() throws IOException {
        try (ClusterOnDisks home = ClusterOnDisks.start(directory, 256, FullDisksIT::withoutReserve, LOAD, SEED)) {
            LoadedCluster cluster = home.cluster();
            List<TopicPartition> all = cluster.load().partitions();
            assertThat(cluster.ledBy(VICTIM)).isNotEmpty();

            home.disks().of(VICTIM).fillUpTo(MIB);
            cluster.view().awaitNothingLedBy(VICTIM);
            cluster.awaitTakeover(all, System.nanoTime());
            cluster.view().awaitOutOfSync(VICTIM, all);

            home.disks().of(VICTIM).giveBack();
            cluster.view().awaitInSync();
            cluster.awaitTakeover(all, System.nanoTime());
            assertPromisesKept(cluster);
        }
    }

    private static NodeFiles withWatermarks(NodeFiles files) {
        return files.with("disk.watermark.soft.bytes", HARD + 2 * MIB)
                .with("disk.watermark.hard.bytes", HARD)
                .with("disk.check.interval.ms", 20);
    }

    private static NodeFiles withoutReserve(NodeFiles files) {
        return ClusterOnDisks.withRaftElsewhere(ClusterOnDisks.withoutWatermarks(files));
    }

    /** Within the time that the producer gives it, and by name. */
    private static void assertRefused(ClusterOnDisks home, TopicPartition partition, int leader) {
        try (Producer<byte[], byte[]> producer = home.cluster()
                .client()
                .producer()
                .deliveryTimeout(Duration.ofSeconds(3))
                .build()) {
            ProducerRecord<byte[], byte[]> record = ProducerRecord.<byte[], byte[]>of(partition.topic(), new byte[100])
                    .partition(partition.partition());
            VarveException refusal = catchThrowableOfType(VarveException.class, () -> producer.sendSync(record));
            assertThat(refusal).as("%s, led by node %s", partition, leader).isNotNull();
            assertThat(refusal.reason()).isEqualTo("DISK_FULL");
            assertThat(refusal.outcome()).isEqualTo(Outcome.NOT_APPLIED);
            assertThat(refusal)
                    .hasMessageContaining("node " + leader)
                    .hasMessageContaining(home.disks().of(leader).directory().toString())
                    .hasMessageContaining("disk.watermark.hard.bytes (" + HARD + ")");
        }
    }

    private static void assertPromisesKept(LoadedCluster cluster) throws IOException {
        LoadedCluster.Verdict verdict = cluster.judge();
        assertThat(verdict.findings()).as("seed %s", SEED).isEmpty();
        assertThat(verdict.failures())
                .as("seed %s: errors that clients saw", SEED)
                .isEmpty();
    }
}
