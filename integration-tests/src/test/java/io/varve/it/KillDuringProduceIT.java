// SPDX-License-Identifier: Apache-2.0
package io.varve.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.it.process.NodeFiles;
import io.varve.it.process.NodeProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code -Dvarve.it.kills=50 -Dvarve.it.seed=N} for a long run. */
class KillDuringProduceIT {
    private static final int KILLS = Integer.getInteger("varve.it.kills", 5);
    private static final long SEED = Long.getLong("varve.it.seed", System.nanoTime());

    @TempDir
    Path directory;

    @Test
    @Timeout(value = 900)
    void shouldKeepEveryAcknowledgedRecordThroughKills() throws IOException {
        NodeFiles files = NodeFiles.in(directory, directory.resolve("data"));
        CrashScenario scenario = new CrashScenario(files, "io.varve.node.NodeMain", NodeProcess::kill, SEED);

        CrashScenario.Result result = scenario.run(KILLS);

        report(result);
        assertThat(result.findings()).as("seed %s", SEED).isEmpty();
        assertThat(result.failures())
                .as("seed %s: records not acknowledged", SEED)
                .isEmpty();
        assertThat(NodeProcess.errorLines(files)).as("seed %s", SEED).isEmpty();
        assertThat(segments(files.dataDirectory())).as("rolls").isGreaterThan(3 * KILLS);
    }

    private static long segments(Path data) throws IOException {
        try (var paths = Files.walk(data.resolve("logs"))) {
            return paths.filter(p -> p.toString().endsWith(".log")).count();
        }
    }

    private static void report(CrashScenario.Result result) {
        System.out.printf("seed %d: %d kills, %d records acknowledged%n", SEED, result.faults(), result.acknowledged());
    }
}
