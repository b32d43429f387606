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

    @TempDir
    Path directory;

    @BeforeEach
    void skipWithoutDisks() {
        Optional<String> missing = LoopDisk.missing();
        assumeTrue(missing.isEmpty(), () -> "skipped: " + missing.orElse(""));
    }

    @Test
    @Timeout(value = 900)
    void shouldKeepEveryAcknowledgedRecordThroughPowerLosses() throws IOException {
        Result result = run("io.varve.node.NodeMain", POWER_LOSSES);

        assertThat(result.findings()).as("seed %s", SEED).isEmpty();
        assertThat(result.failures()).as("seed %s: records not acknowledged", SEED).isEmpty();
    }

    /** Proof that the test can fail: the same node, whose log never forces anything. */
    @Test
    @Timeout(value = 300)
    void shouldFindLostRecordsWhenNothingIsForced() throws IOException {
        Result result = run(NoFlushNodeMain.class.getName(), 1);

        assertThat(result.findings()).extracting(Finding::kind).contains(Finding.Kind.LOST);
    }

    private Result run(String mainClass, int powerLosses) throws IOException {
        try (LoopDisk disk = LoopDisk.create(directory, DISK_MIB)) {
            NodeFiles files = NodeFiles.in(directory, disk.directory().resolve("data"))
                    .with("disk.watermark.soft.bytes", 0)
                    .with("disk.watermark.hard.bytes", 0);
            CrashScenario scenario = new CrashScenario(
                    files,
                    mainClass,
                    node -> {
                        disk.powerOff();
                        node.kill();
                        disk.powerOn();
                    },
                    SEED);
            return scenario.run(powerLosses);
        }
    }
}
