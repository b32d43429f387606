// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.replication.protocol.Rule;
import io.varve.simulation.engine.FaultClass;
import io.varve.simulation.engine.FaultPlanner;
import io.varve.simulation.engine.Shape;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class RunnerTest {
    private static final Mutation BROKEN = Mutation.named("NO_SESSION_CHECK");

    private final SeedRun toy = new ToyWorld();

    private static int sim(SeedRun world, ByteArrayOutputStream out, String... args) {
        PrintStream printer = new PrintStream(out, true, StandardCharsets.UTF_8);
        return new CommandLine(new SimMain(world, printer)).execute(args);
    }

    @Test
    void shouldRunSeedsAndSayWhatTheyDid() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(sim(toy, out, "--seeds", "30", "--threads", "2"))
                .as("%s", out)
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("30 seeds in", "median of a seed", "faults per 100 seeds");
    }

    @Test
    void shouldGiveTheSameTraceForTheSameSeed() {
        for (long seed = 0; seed < 10; seed++) {
            var plan = FaultPlanner.plan(seed, Shape.USUAL);
            assertThat(toy.run(plan, Mutation.NONE, SeedRun.Options.USUAL))
                    .as("seed %d", seed)
                    .isEqualTo(toy.run(plan, Mutation.NONE, SeedRun.Options.USUAL));
        }
    }

    @Test
    void shouldMakeEveryFaultHappen() throws InterruptedException {
        Campaign campaign = new Campaign(toy, Mutation.NONE, Shape.USUAL);
        assertThat(campaign.run(1, 100, 1, tally -> {})).isNull();
        assertThat(campaign.tally().report()).noneMatch(line -> line.contains("never happened"));
    }

    @Test
    void shouldNoticeWhenTwoRunsOfASeedDiffer() throws InterruptedException {
        AtomicLong hash = new AtomicLong();
        SeedRun moody = (plan, mutation, options) -> new SeedResult(
                null,
                new SeedResult.Stats(1, 1, 0, 0, 0, SeedResult.Pressure.NONE, false, Map.of()),
                hash.incrementAndGet());
        Campaign.Failed failed = new Campaign(moody, Mutation.NONE, Shape.USUAL).run(1, 60, 1, tally -> {});
        assertThat(Objects.requireNonNull(failed).failure().invariant()).isEqualTo("DETERMINISM");
        assertThat(Objects.requireNonNull(failed).plan().seed()).isEqualTo(50);
    }

    @Test
    void shouldTakeAnExceptionForAFailureOfTheSeed() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int status = sim(
                (plan, mutation, options) -> {
                    throw new IllegalStateException("broken");
                },
                out,
                "--seeds",
                "3");
        assertThat(status).isEqualTo(1);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("FAILED: seed 1", "EXCEPTION", "broken");
    }

    @Test
    void shouldCatchAMutationAndSayByWhichSeed() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(sim(toy, out, "--seeds", "100", "--mutation", "NO_SESSION_CHECK"))
                .as("%s", out)
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("NO_SESSION_CHECK was caught by seed");
    }

    @Test
    void shouldFailWhenNobodyNoticesAMutation() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(sim(toy, out, "--seeds", "3", "--mutation", "REJECT_NO_BUMP"))
                .as("%s", out)
                .isEqualTo(1);
    }

    @Test
    void shouldFindEveryRuleByItsName() {
        assertThat(Mutation.names())
                .allSatisfy(name -> assertThat(Mutation.named(name)).hasToString(name));
        assertThat(BROKEN.rules().keep(Rule.NO_SESSION_CHECK)).isFalse();
        assertThatThrownBy(() -> Mutation.named("NONSENSE")).hasMessageContaining("NO_SESSION_CHECK");
    }

    @Test
    void shouldShrinkAPlanToTheFaultsThatMatter() throws InterruptedException {
        Campaign.Failed failed = new Campaign(toy, BROKEN, Shape.USUAL).run(1, 200, 1, tally -> {});
        List<String> log = new ArrayList<>();
        Campaign.Failed small = new Shrinker(toy, BROKEN, Objects.requireNonNull(failed), 300, log::add).shrink();
        assertThat(small.failure().invariant()).isEqualTo("I3");
        assertThat(small.plan().faults()).as("%s", log).hasSize(2);
        assertThat(small.plan().classes()).contains(FaultClass.CRASH); // the power can be lost in several ways
        assertThat(small.plan().shape().partitions()).isEqualTo(1);
        assertThat(toy.run(small.plan(), BROKEN, SeedRun.Options.USUAL).isOk()).isFalse();
        assertThat(toy.run(small.plan(), Mutation.NONE, SeedRun.Options.USUAL).isOk())
                .isTrue();
    }
}
