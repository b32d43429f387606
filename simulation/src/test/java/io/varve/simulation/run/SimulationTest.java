// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.simulation.engine.FaultPlan;
import io.varve.simulation.engine.FaultPlanner;
import io.varve.simulation.engine.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The whole cluster, as many seeds as {@code -Dvarve.simulation.seeds} says, or fewer when the time is over that {@code -Dvarve.simulation.seconds} gives
 * them, and everything that once failed.
 */
class SimulationTest {
    private static final long FIRST = 1;
    private static final int SEEDS_AT_A_TIME = 20;
    private static final int THREADS = 2;

    private final SeedRun world = Worlds.cluster();

    @Test
    void shouldKeepEveryInvariantWhateverGoesWrong() throws InterruptedException {
        long seeds = Long.getLong("varve.simulation.seeds", 300);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.getLong("varve.simulation.seconds", 240));
        Campaign campaign = new Campaign(world, Mutation.NONE, Shape.USUAL);
        Campaign.Failed failed = null;
        for (long done = 0; done < seeds && failed == null && System.nanoTime() < deadline; done += SEEDS_AT_A_TIME) {
            failed = campaign.run(FIRST + done, Math.min(SEEDS_AT_A_TIME, seeds - done), THREADS, tally -> {});
            System.out.println(campaign.tally().progress(seeds));
        }
        campaign.tally().report().forEach(System.out::println);
        assertThat(failed == null ? null : text(failed.plan(), failed.failure()))
                .isNull();
    }

    @Test
    void shouldKeepWhatOnceFailedWithSomeSeed() throws IOException {
        for (String line : lines("seeds.txt")) {
            check(FaultPlanner.plan(Long.parseLong(line.split(" ", 2)[0]), Shape.USUAL));
        }
    }

    @Test
    void shouldKeepWhatOnceFailedWithSomeSchedule() throws IOException {
        for (String name : lines("plans.txt")) {
            check(FaultPlan.parse(resource(name)));
        }
    }

    private void check(FaultPlan plan) {
        SeedResult.Failure failure =
                Campaign.run(world, plan, Mutation.NONE, SeedRun.Options.USUAL).failure();
        assertThat(text(plan, failure)).isNull();
    }

    private static @Nullable String text(FaultPlan plan, SeedResult.@Nullable Failure failure) {
        return failure == null
                ? null
                : "seed " + plan.seed() + " step " + failure.step() + " " + failure.invariant() + ": " + failure.text()
                        + "\n" + String.join("\n", failure.lastEvents());
    }

    private static List<String> lines(String name) throws IOException {
        return resource(name)
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = SimulationTest.class.getResourceAsStream("/regressions/" + name)) {
            if (in == null) {
                throw new IOException("no /regressions/" + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
