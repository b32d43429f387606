// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cluster;

import io.varve.client.TopicPartition;
import io.varve.it.load.SteadyLoad;
import io.varve.it.process.Pauses;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * All three nodes lose their power at once under load, again and again; then every record is checked. Exit code 1 when a promise was broken. Started by
 * {@code dev/failover-run power-loss ROUNDS [SEED]}. Confined to one thread.
 */
public final class PowerLossRun {
    private static final SteadyLoad.Settings LOAD = new SteadyLoad.Settings(
            2, Integer.getInteger("varve.run.rate", 1000), Integer.getInteger("varve.run.valueBytes", 500));
    private static final int DISK_MIB = 4096;
    private static final int RUNNING_MS_MAX = 4000;
    private static final int FINDINGS_SHOWN = 20;
    private static final PrintStream OUT = System.out;

    private PowerLossRun() {}

    public static void main(String[] args) throws IOException {
        int rounds = Integer.parseInt(args[0]);
        long seed = args.length > 1 ? Long.parseLong(args[1]) : System.nanoTime();
        Path directory = Files.createTempDirectory("varve-power-loss-");
        OUT.printf(
                "power loss of all three nodes, %d times; %d records/s of %d bytes, seed %d, in %s%n",
                rounds, LOAD.recordsPerSecond(), LOAD.valueBytes(), seed, directory);
        boolean broken;
        try (ClusterPowerLoss power = ClusterPowerLoss.start(directory, DISK_MIB, LOAD, seed)) {
            broken = !repeat(power, rounds, new Random(seed));
            broken |= judge(power.cluster());
        }
        if (!broken) {
            Directories.delete(directory);
        } else {
            OUT.println("kept: " + directory);
        }
        System.exit(broken ? 1 : 0);
    }

    /** A round that does not come to its end is the last one, and the judgement is still worth having. */
    private static boolean repeat(ClusterPowerLoss power, int rounds, Random random) {
        LoadedCluster cluster = power.cluster();
        long[] back = new long[rounds];
        try {
            for (int round = 0; round < rounds; round++) {
                cluster.view().awaitAlive(LoadedCluster.NODES);
                cluster.view().awaitInSync();
                Pauses.of(Duration.ofMillis(random.nextInt(RUNNING_MS_MAX)));
                long before = cluster.load().acknowledged();
                OUT.printf("%3d  %,d records acknowledged  ", round + 1, before);
                OUT.flush();
                String disks = power.strike(round % 4 == 3);
                long ready = System.nanoTime();
                Map<TopicPartition, Long> took =
                        cluster.awaitTakeover(cluster.load().partitions(), ready);
                back[round] = TimeUnit.NANOSECONDS.toMillis(Collections.max(took.values()));
                OUT.printf("all ready, and all acknowledge %d ms later  [%s]%n", back[round], disks);
            }
            Arrays.sort(back);
            OUT.printf(
                    "%d of %d power losses; from the last node's readiness to an acknowledgement in every partition:"
                            + " median %d ms, longest %d ms%n",
                    rounds, rounds, back[rounds / 2], back[rounds - 1]);
            return true;
        } catch (IOException | RuntimeException | AssertionError e) {
            OUT.println();
            e.printStackTrace(OUT);
            return false;
        }
    }

    private static boolean judge(LoadedCluster cluster) throws IOException {
        LoadedCluster.Verdict verdict = cluster.judge();
        OUT.printf(
                "%n%,d records acknowledged; %d findings, %d errors that clients saw, %d error lines of nodes%n",
                verdict.acknowledged(),
                verdict.findings().size(),
                verdict.failures().size(),
                verdict.errorLines().size());
        Stream.of(verdict.findings(), verdict.failures(), verdict.errorLines())
                .forEach(list -> list.stream().limit(FINDINGS_SHOWN).forEach(OUT::println));
        return !verdict.findings().isEmpty()
                || !verdict.failures().isEmpty()
                || !verdict.errorLines().isEmpty();
    }
}
