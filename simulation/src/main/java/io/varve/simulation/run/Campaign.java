// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.run;

import io.varve.simulation.engine.FaultPlan;
import io.varve.simulation.engine.FaultPlanner;
import io.varve.simulation.engine.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Many seeds, one after the other, until one fails. Every 50th runs twice, and must do the same both times. */
final class Campaign {
    private static final int TWICE_EVERY = 50;

    private final SeedRun world;
    private final Mutation mutation;
    private final Shape shape;
    private final Tally tally = new Tally();
    private final AtomicReference<@Nullable Failed> failed = new AtomicReference<>();

    Campaign(SeedRun world, Mutation mutation, Shape shape) {
        this.world = world;
        this.mutation = mutation;
        this.shape = shape;
    }

    /** A seed that failed. */
    record Failed(FaultPlan plan, SeedResult result, SeedResult.Failure failure) {}

    Tally tally() {
        return tally;
    }

    /**
     * Runs the seeds from {@code first} on.
     *
     * @param done called after each, on the thread that ran it
     * @return the first to fail in time; null if none does
     */
    @Nullable
    Failed run(long first, long count, int threads, Consumer<Tally> done) throws InterruptedException {
        AtomicLong next = new AtomicLong(first);
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread worker = new Thread(() -> work(next, first + count, done), "seeds-" + i);
            workers.add(worker);
            worker.start();
        }
        for (Thread worker : workers) {
            worker.join();
        }
        return failed.get();
    }

    private void work(AtomicLong next, long end, Consumer<Tally> done) {
        long seed = next.getAndIncrement();
        while (seed < end && failed.get() == null) {
            FaultPlan plan = FaultPlanner.plan(seed, shape);
            SeedResult result = runOne(plan);
            tally.add(result.stats());
            SeedResult.Failure failure = result.failure();
            if (failure != null) {
                failed.compareAndSet(null, new Failed(plan, result, failure));
            }
            done.accept(tally);
            seed = next.getAndIncrement();
        }
    }

    private SeedResult runOne(FaultPlan plan) {
        SeedResult once = guarded(plan);
        if (!once.isOk() || plan.seed() % TWICE_EVERY != 0) {
            return once;
        }
        SeedResult twice = guarded(plan);
        if (twice.traceHash() == once.traceHash()) {
            return once;
        }
        String text = String.format(
                "two runs of the same seed differ: traces %016x after %d events and %016x after %d",
                once.traceHash(),
                once.stats().events(),
                twice.traceHash(),
                twice.stats().events());
        return new SeedResult(
                new SeedResult.Failure(once.stats().events(), "DETERMINISM", text, List.of()),
                once.stats(),
                once.traceHash());
    }

    private SeedResult guarded(FaultPlan plan) {
        return run(world, plan, mutation, SeedRun.Options.USUAL);
    }

    /** An exception of the simulated world, wherever it comes from, is a failure of the seed. */
    static SeedResult run(SeedRun world, FaultPlan plan, Mutation mutation, SeedRun.Options options) {
        try {
            return world.run(plan, mutation, options);
        } catch (RuntimeException | AssertionError e) {
            List<String> stack = new ArrayList<>();
            for (StackTraceElement frame : e.getStackTrace()) {
                stack.add("  at " + frame);
            }
            return new SeedResult(
                    new SeedResult.Failure(0, "EXCEPTION", e.toString(), stack),
                    new SeedResult.Stats(0, 0, 0, 0, 0, SeedResult.Pressure.NONE, false, java.util.Map.of()),
                    0);
        }
    }
}
