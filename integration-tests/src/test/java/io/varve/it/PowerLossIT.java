// SPDX-License-Identifier: Apache-2.0
package io.varve.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.varve.it.CrashScenario.Result;
import io.varve.it.history.Finding;
import io.varve.it.process.LoopDisk;
import io.varve.it.process.NodeFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code -Dvarve.it.powerLosses=10 -Dvarve.it.seed=N} for a long run. */
class PowerLossIT {
    private static final int POWER_LOSSES = Integer.getInteger("varve.it.powerLosses", 2);
    private static final long SEED = Long.getLong("varve.it.seed", System.nanoTime());
    private static final int DISK_MIB = 512;
    private static final int RECORDS = 2000;

    @TempDir
    Path directory;

    @BeforeEach
    void skipWithoutDisks() {
        Optional<String> missing = LoopDisk.missing();
        assumeTrue(missing.isEmpty(), () -> "skipped: " + missing.orElse(""));
    }

    @Test
    @Timeout(900)
    void shouldKeepEveryAcknowledgedRecordThroughPowerLosses() throws IOException {
        try (LoopDisk disk = LoopDisk.create(directory, DISK_MIB)) {
            Result result = scenario(disk, "io.varve.node.NodeMain").run(POWER_LOSSES);

            report(result);
            assertThat(result.findings()).as("seed %s", SEED).isEmpty();
            assertThat(result.failures()).as("seed %s: not acknowledged", SEED).isEmpty();
        }
    }

    /** Proof that the test above can fail: the same node over a file system that ignores every request to force. */
    @Test
    @Timeout(300)
    void shouldFindLostRecordsWhenNothingIsForced() throws IOException {
        try (LoopDisk disk = LoopDisk.create(directory, DISK_MIB)) {
            Result result = scenario(disk, NoFlushNodeMain.class.getName()).runOnceAtRest(RECORDS);

            assertThat(result.failures()).isEmpty();
            assertThat(result.findings()).extracting(Finding::kind).contains(Finding.Kind.LOST);
        }
    }

    @Test
    @Timeout(300)
    void shouldFindNothingLostWhenTheSameIsForced() throws IOException {
        try (LoopDisk disk = LoopDisk.create(directory, DISK_MIB)) {
            Result result = scenario(disk, "io.varve.node.NodeMain").runOnceAtRest(RECORDS);

            assertThat(result.findings()).isEmpty();
        }
    }

    private CrashScenario scenario(LoopDisk disk, String mainClass) throws IOException {
        NodeFiles files = NodeFiles.in(directory, disk.directory().resolve("data"))
                .with("disk.watermark.soft.bytes", 0)
                .with("disk.watermark.hard.bytes", 0);
        CrashScenario.Fault fault = node -> {
            node.freeze();
            disk.powerOff();
            node.kill();
            disk.powerOn();
        };
        return new CrashScenario(files, mainClass, fault, SEED);
    }

    private static void report(Result result) {
        System.out.printf(
                "seed %d: %d power losses, %d records acknowledged%n", SEED, result.faults(), result.acknowledged());
    }
}
