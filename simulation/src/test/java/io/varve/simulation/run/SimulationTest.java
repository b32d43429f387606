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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The whole cluster, as many seeds as {@code -Dvarve.simulation.seeds} says, and everything that once failed. */
class SimulationTest {
    private static final long FIRST = 1;

    private final SeedRun world = Worlds.cluster();

    @Test
    void shouldKeepEveryInvariantWhateverGoesWrong() throws InterruptedException {
        long seeds = Long.getLong("varve.simulation.seeds", 300);
        Campaign campaign = new Campaign(world, Mutation.NONE, Shape.USUAL);
        Campaign.Failed failed = campaign.run(FIRST, seeds, 1, tally -> {
            if (tally.seeds() % 20 == 0) {
                System.out.println(tally.progress(seeds));
            }
        });
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
