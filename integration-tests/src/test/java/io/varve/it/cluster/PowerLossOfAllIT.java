// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.it.load.SteadyLoad;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code dev/failover-run power-loss 20} does the same at length. */
class PowerLossOfAllIT {
    private static final long SEED = Long.getLong("varve.it.seed", System.nanoTime());
    private static final int DISK_MIB = 1024;
    private static final SteadyLoad.Settings LOAD = new SteadyLoad.Settings(2, 500, 300);
    private static final int SOME_RECORDS = 300;

    @TempDir
    Path directory;

    @Test
    @Timeout(420)
    void shouldKeepEveryAcknowledgedRecordWhenAllNodesLoseTheirPowerAtOnce() throws IOException {
        ClusterOnDisks.assumePossible();
        try (ClusterPowerLoss power = ClusterPowerLoss.start(directory, DISK_MIB, LOAD, SEED)) {
            LoadedCluster cluster = power.cluster();
            for (boolean twice : new boolean[] {false, true}) {
                cluster.awaitAcknowledged(SOME_RECORDS);
                power.strike(twice);
                cluster.awaitTakeover(cluster.load().partitions(), System.nanoTime());
                cluster.view().awaitInSync();
            }
            LoadedCluster.Verdict verdict = cluster.judge();
            assertThat(verdict.findings()).as("seed %s", SEED).isEmpty();
            assertThat(verdict.failures())
                    .as("seed %s: errors that clients saw", SEED)
                    .isEmpty();
            // An unclean recovery, and damage found at a start, are both told as errors.
            assertThat(verdict.errorLines()).as("seed %s", SEED).isEmpty();
        }
    }
}
