// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.run;

import io.varve.simulation.engine.FaultPlan;
import io.varve.simulation.engine.FaultPlanner;
import io.varve.simulation.engine.Shape;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The program behind {@code dev/sim}. */
@Command(
        name = "dev/sim",
        description =
                "Runs whole clusters in virtual time, one for each seed, and checks the invariants after every event.",
        footer = {
            "",
            "Exit status: 0 nothing was violated, or the mutation was caught; 1 a violation, or a mutation that nobody noticed; 2 wrong usage."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class SimMain implements Callable<Integer> {
    private static final int SHRINK_RUNS = 400;

    @Option(names = "--seeds", paramLabel = "N", description = "how many seeds (default: ${DEFAULT-VALUE})")
    private long seeds = 100;

    @Option(names = "--from", paramLabel = "S", description = "the first one (default: ${DEFAULT-VALUE})")
    private long from = 1;

    @Option(names = "--seed", paramLabel = "S", description = "this one only")
    private @Nullable Long seed;

    @Option(names = "--plan", paramLabel = "FILE", description = "a schedule that was saved, instead of seeds")
    private @Nullable Path plan;

    @Option(names = "--mutation", paramLabel = "M", description = "with this rule switched off; somebody must notice")
    private @Nullable String mutation;

    @Option(names = "--threads", paramLabel = "T", description = "seeds at a time (default: ${DEFAULT-VALUE})")
    private int threads = 1;

    @Option(names = "--shrink", description = "look for a smaller schedule that fails, and save it")
    private boolean shrink;

    @Option(names = "--trace", description = "print every event; for one seed, or a schedule")
    private boolean trace;

    private final SeedRun world;
    private final PrintStream out;

    SimMain(SeedRun world, PrintStream out) {
        this.world = world;
        this.out = out;
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new SimMain(Worlds.cluster(), System.out)).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Mutation broken;
        try {
            broken = mutation == null ? Mutation.NONE : Mutation.named(mutation);
        } catch (IllegalArgumentException e) {
            out.println("error: " + e.getMessage());
            return 2;
        }
        Campaign.Failed failed;
        if (plan != null) {
            failed = one(FaultPlan.parse(Files.readString(plan)), broken);
        } else if (seed != null) {
            failed = one(FaultPlanner.plan(seed, Shape.USUAL), broken);
        } else {
            failed = many(broken);
        }
        if (failed != null) {
            tell(failed, broken);
        }
        boolean good = broken.isNone() == (failed == null);
        if (!broken.isNone()) {
            out.println(broken
                    + (failed == null
                            ? " was not noticed"
                            : " was caught by seed " + failed.plan().seed()));
        }
        return good ? 0 : 1;
    }

    private Campaign.@Nullable Failed one(FaultPlan of, Mutation broken) {
        Consumer<String> printer = trace ? out::println : null;
        SeedResult result = Campaign.run(world, of, broken, new SeedRun.Options(Long.MAX_VALUE, printer));
        Tally tally = new Tally();
        tally.add(result.stats());
        tally.report().forEach(out::println);
        out.printf("trace %016x%n", result.traceHash());
        SeedResult.Failure failure = result.failure();
        return failure == null ? null : new Campaign.Failed(of, result, failure);
    }

    private Campaign.@Nullable Failed many(Mutation broken) throws InterruptedException {
        Campaign campaign = new Campaign(world, broken, Shape.USUAL);
        Campaign.Failed failed;
        try (Progress progress = new Progress(seeds, out)) {
            failed = campaign.run(from, seeds, Math.max(1, threads), progress::show);
        }
        campaign.tally().report().forEach(out::println);
        return failed;
    }

    private void tell(Campaign.Failed found, Mutation broken) throws IOException {
        Campaign.Failed failed = found;
        if (shrink) {
            failed = new Shrinker(world, broken, found, SHRINK_RUNS, out::println).shrink();
            Path file = Path.of(
                    "sim-" + failed.plan().seed() + "-" + failed.failure().invariant() + ".plan");
            Files.writeString(file, text(failed, broken));
            out.println("saved: " + file + "; again with: dev/sim --plan " + file
                    + (broken.isNone() ? "" : " --mutation " + broken));
        }
        SeedResult.Failure failure = failed.failure();
        failure.lastEvents().forEach(out::println);
        out.println();
        if (shrink) {
            out.println(failed.plan().toText());
        }
        out.println("FAILED: seed " + failed.plan().seed() + ", step " + failure.step() + ", " + failure.invariant());
        out.println("  " + failure.text());
        out.println(
                "again with: dev/sim --seed " + found.plan().seed() + (broken.isNone() ? "" : " --mutation " + broken));
    }

    private static String text(Campaign.Failed failed, Mutation broken) {
        return "# invariant: " + failed.failure().invariant() + "\n# mutation: " + broken + "\n"
                + failed.plan().toText();
    }
}
