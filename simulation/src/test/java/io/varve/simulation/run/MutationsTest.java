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
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule that chance finds broken soon, switched off: somebody must notice. {@code mutations.txt} says from which seed on. */
class MutationsTest {
    private final SeedRun world = Worlds.cluster();

    /** From {@code seed} on, one of {@code seeds} fails without the rule, and passes with it. */
    record Caught(String mutation, long seed, int seeds) {
        static Caught parse(String line) {
            String[] words = line.trim().split(" +", -1);
            return new Caught(words[0], Long.parseLong(words[1]), Integer.parseInt(words[2]));
        }
    }

    static List<Caught> common() throws IOException {
        return lines().filter(line -> !line.endsWith(" script"))
                .map(Caught::parse)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("common")
    void shouldNotice(Caught caught) {
        assertThat(isCaught(caught)).as("%s", caught).isTrue();
    }

    private boolean isCaught(Caught caught) {
        Mutation broken = Mutation.named(caught.mutation());
        for (long seed = caught.seed(); seed < caught.seed() + caught.seeds(); seed++) {
            FaultPlan plan = FaultPlanner.plan(seed, Shape.USUAL);
            SeedResult without = Campaign.run(world, plan, broken, SeedRun.Options.USUAL);
            if (!without.isOk()
                    && Campaign.run(world, plan, Mutation.NONE, SeedRun.Options.USUAL)
                            .isOk()) {
                return true;
            }
        }
        return false;
    }

    @Test
    void shouldSayOfEveryRuleHowItIsNoticed() throws IOException {
        Set<String> said = new TreeSet<>();
        lines().forEach(line -> said.add(line.trim().split(" +", -1)[0]));
        assertThat(said).containsExactlyInAnyOrderElementsOf(Mutation.names());
    }

    private static java.util.stream.Stream<String> lines() throws IOException {
        try (InputStream in = MutationsTest.class.getResourceAsStream("/mutations.txt")) {
            if (in == null) {
                throw new IOException("no /mutations.txt");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"));
        }
    }
}
