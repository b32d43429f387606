// SPDX-License-Identifier: Apache-2.0
package io.varve.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.varve.client.NewTopic;
import io.varve.client.Outcome;
import io.varve.client.Producer;
import io.varve.client.ProducerRecord;
import io.varve.client.TopicPartition;
import io.varve.client.VarveClient;
import io.varve.client.VarveException;
import io.varve.it.load.ReadBack;
import io.varve.it.process.LoopDisk;
import io.varve.it.process.NodeFiles;
import io.varve.it.process.NodeProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class DiskFullIT {
    /** Above what the metadata log keeps for itself. */
    private static final int HARD_MIB = 280;

    private static final int VALUE_BYTES = 256 * 1024;
    private static final int SENDS_MAX = 1000;

    @TempDir
    Path directory;

    @Test
    @Timeout(120)
    void shouldRefuseAppendsServeReadsAndRecoverWhenSpaceReturns() throws IOException {
        try (LoopDisk disk = disk(512)) {
            NodeFiles files = NodeFiles.in(directory, disk.directory().resolve("data"))
                    .with("disk.watermark.soft.bytes", HARD_MIB + 8 << 20)
                    .with("disk.watermark.hard.bytes", HARD_MIB << 20)
                    .with("disk.check.interval.ms", 20);

            fillAndRecover(files, disk, 128, Outcome.NOT_APPLIED);

            assertThat(NodeProcess.errorLines(files)).isEmpty();
        }
    }

    /** Without a reserve a write itself fails, after its offset was assigned. */
    @Test
    @Timeout(120)
    void shouldRecoverFromWritesThatFailForLackOfSpace() throws IOException {
        try (LoopDisk disk = disk(96)) {
            NodeFiles files = NodeFiles.in(directory, disk.directory().resolve("data"))
                    .with("disk.watermark.soft.bytes", 0)
                    .with("disk.watermark.hard.bytes", 0)
                    .with("raft.directory", directory.resolve("raft"));

            fillAndRecover(files, disk, 60, Outcome.INDETERMINATE);
        }
    }

    /** A leader whose write fails resigns, and the same one is elected again: a retry may meet the disk, or the move. */
    private static final Set<String> REASONS_OF_A_FAILED_WRITE =
            Set.of("DISK_FULL", "FENCED_LEADER_EPOCH", "NOT_LEADER_OR_FOLLOWER", "LEADER_NOT_AVAILABLE");

    private LoopDisk disk(int sizeMib) throws IOException {
        Optional<String> missing = LoopDisk.missing();
        assumeTrue(missing.isEmpty(), () -> "skipped: " + missing.orElse(""));
        return LoopDisk.create(directory, sizeMib);
    }

    private static void fillAndRecover(NodeFiles files, LoopDisk disk, int ballastMib, Outcome outcome)
            throws IOException {
        NodeProcess.format(files);
        try (NodeProcess node = NodeProcess.start(files);
                VarveClient client =
                        VarveClient.builder().bootstrap(files.bootstrap()).build()) {
            Path ballast = Files.write(disk.directory().resolve("ballast"), new byte[ballastMib << 20]);
            fillAndRecover(client, ballast, outcome);
            assertThat(node.stop()).isZero();
        }
    }

    private static void fillAndRecover(VarveClient client, Path ballast, Outcome outcome) throws IOException {
        TopicPartition partition = TopicPartition.of("full", 0);
        client.admin()
                .createTopic(NewTopic.of(partition.topic(), 1).config("segment.bytes", 1 << 20))
                .join();
        try (Producer<byte[], byte[]> producer = client.producer()
                .deliveryTimeout(Duration.ofSeconds(5))
                .batchSize(1 << 19)
                .build()) {
            long stored = 0;
            Optional<VarveException> refusal = Optional.empty();
            while (refusal.isEmpty() && stored < SENDS_MAX) {
                refusal = trySend(producer, partition);
                stored += refusal.isEmpty() ? 1 : 0;
            }
            assertThat(refusal).as("refused after %s records", stored).isPresent();
            assertThat(refusal.map(VarveException::reason))
                    .hasValueSatisfying(reason -> assertThat(reason)
                            .isIn(outcome == Outcome.NOT_APPLIED ? Set.of("DISK_FULL") : REASONS_OF_A_FAILED_WRITE));
            assertThat(refusal.map(VarveException::outcome)).contains(outcome);

            // Reads go on, and so does what frees space.
            int mayBeThere = outcome == Outcome.INDETERMINATE ? 1 : 0;
            assertThat(ReadBack.all(client, Set.of(partition)).get(partition))
                    .hasSizeBetween((int) stored, (int) stored + mayBeThere);
            client.admin().createTopic(NewTopic.of("another", 1)).join();
            client.admin().deleteTopic("another").join();

            Files.delete(ballast);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> trySend(producer, partition).isEmpty());
            assertThat(ReadBack.all(client, Set.of(partition)).get(partition)).hasSizeGreaterThan((int) stored);
        }
    }

    private static Optional<VarveException> trySend(Producer<byte[], byte[]> producer, TopicPartition partition) {
        try {
            producer.sendSync(ProducerRecord.<byte[], byte[]>of(partition.topic(), new byte[VALUE_BYTES])
                    .partition(0));
            return Optional.empty();
        } catch (VarveException e) {
            return Optional.of(e);
        }
    }
}
