// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.run;

import io.varve.simulation.engine.Fault;
import io.varve.simulation.engine.FaultClass;
import io.varve.simulation.engine.FaultPlan;
import io.varve.simulation.engine.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Looks for a smaller plan that still violates the same invariant: without what comes after the failure, without whole classes, without every fault that is
 * not needed (delta debugging), and with less load. The seed stays, so everything else that chance decides stays as it was.
 */
final class Shrinker {
    private final SeedRun world;
    private final Mutation mutation;
    private final Consumer<String> log;
    private final int maxRuns;
    private FaultPlan best;
    private SeedResult result;
    private SeedResult.Failure failure;
    private int runs;

    Shrinker(SeedRun world, Mutation mutation, Campaign.Failed failed, int maxRuns, Consumer<String> log) {
        this.world = world;
        this.mutation = mutation;
        this.log = log;
        this.maxRuns = maxRuns;
        this.best = failed.plan();
        this.result = failed.result();
        this.failure = failed.failure();
    }

    Campaign.Failed shrink() {
        log.accept("shrinking: " + best.faults().size() + " faults, " + failure.invariant() + " at step "
                + failure.step());
        int before;
        do {
            before = best.faults().size();
            cutTail();
            dropClasses();
            dropFaults();
        } while (best.faults().size() < before && runs < maxRuns);
        lessLoad();
        log.accept("shrunk to " + best.faults().size() + " faults in " + runs + " runs");
        return new Campaign.Failed(best, result, failure);
    }

    /** What begins after the failure cannot have caused it. */
    private void cutTail() {
        long end = result.stats().virtualNanos();
        List<Fault> early =
                best.faults().stream().filter(fault -> fault.atNanos() <= end).toList();
        if (end > 0 && early.size() < best.faults().size()) {
            attempt(best.with(early), "nothing after " + end / 1_000_000 + " ms");
        }
    }

    private void dropClasses() {
        for (FaultClass what : best.classes()) {
            attempt(best.without(what), "no " + what);
        }
    }

    /** Delta debugging: without ever smaller parts of the plan, until no single fault can go. */
    private void dropFaults() {
        int parts = 2;
        while (!best.faults().isEmpty() && runs < maxRuns) {
            int size = best.faults().size();
            int step = Math.max(1, (size + parts - 1) / parts);
            boolean smaller = false;
            for (int from = 0; from < best.faults().size() && runs < maxRuns; ) {
                List<Fault> rest = new ArrayList<>(best.faults());
                rest.subList(from, Math.min(from + step, rest.size())).clear();
                if (attempt(best.with(rest), rest.size() + " faults")) {
                    smaller = true;
                } else {
                    from += step;
                }
            }
            if (!smaller && step == 1) {
                return;
            }
            parts = smaller ? Math.max(2, parts - 1) : parts * 2;
        }
    }

    private void lessLoad() {
        Shape shape = best.shape();
        for (int partitions = 1; partitions < shape.partitions(); partitions *= 2) {
            if (attempt(
                    best.with(best.shape().withLoad(partitions, shape.producers(), shape.consumers())),
                    partitions + " partitions")) {
                break;
            }
        }
        attempt(
                best.with(best.shape()
                        .withLoad(best.shape().partitions(), 1, best.shape().consumers())),
                "1 producer");
        attempt(
                best.with(best.shape()
                        .withLoad(best.shape().partitions(), best.shape().producers(), 1)),
                "1 consumer");
    }

    /** Takes the candidate over if it fails in the same way. */
    private boolean attempt(FaultPlan candidate, String what) {
        if (runs >= maxRuns) {
            return false;
        }
        runs++;
        // What fails later than twice the original does not help a reader.
        long limit = failure.step() == 0 ? Long.MAX_VALUE : 2 * failure.step() + 10_000;
        SeedResult tried = Campaign.run(world, candidate, mutation, new SeedRun.Options(limit, null));
        SeedResult.Failure again = tried.failure();
        if (again == null || !again.invariant().equals(failure.invariant())) {
            return false;
        }
        best = candidate;
        result = tried;
        failure = again;
        log.accept("  still fails with " + what + ", at step " + again.step());
        return true;
    }
}
