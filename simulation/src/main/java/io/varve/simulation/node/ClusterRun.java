// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.TopicImage;
import io.varve.simulation.check.Checker;
import io.varve.simulation.check.Violation;
import io.varve.simulation.engine.FaultPlan;
import io.varve.simulation.engine.Scheduler;
import io.varve.simulation.engine.Trace;
import io.varve.simulation.run.Mutation;
import io.varve.simulation.run.SeedResult;
import io.varve.simulation.run.SeedRun;
import io.varve.storage.Chunk;
import io.varve.storage.LogId;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Runs a whole cluster once: faults and traffic, then healing, then nothing but looking. */
public final class ClusterRun implements SeedRun {
    private static final long SECOND = 1_000_000_000L;
    private static final long START_NANOS = 1 * SECOND;
    /** Producers stop so long before the end: everything must have settled by then. */
    private static final long QUIET_NANOS = 15 * SECOND;

    private static final AtomicInteger UNDER_WAY = new AtomicInteger();
    private static final AtomicInteger STARTED = new AtomicInteger();

    @Override
    public SeedResult run(FaultPlan plan, Mutation mutation, Options options) {
        // Open buffers are counted per program, so they prove something only while no other run is under way.
        boolean alone = UNDER_WAY.getAndIncrement() == 0;
        int started = STARTED.incrementAndGet();
        long openBefore = Chunk.openCount();
        try {
            SeedResult result = new Run(plan, mutation, options).run();
            long open = Chunk.openCount() - openBefore;
            return alone && STARTED.get() == started && open != 0 && result.isOk()
                    ? result.failed("I26", open + " buffers are open after the end")
                    : result;
        } finally {
            UNDER_WAY.decrementAndGet();
        }
    }

    private static final class Run {
        private final Options options;
        private final FaultPlan plan;
        private final Trace trace;
        private final World world;
        private final Scheduler scheduler;
        private final Checker checker;
        private final Traffic traffic;
        private final Map<LogId, Integer> epochs = new HashMap<>();
        private long elections;
        private SeedResult.@Nullable Failure failure;

        Run(FaultPlan plan, Mutation mutation, Options options) {
            this.plan = plan;
            this.options = options;
            this.trace = new Trace(options.trace());
            this.world = new World(plan, mutation.rules(), mutation.machineRules(), trace);
            this.scheduler = world.scheduler();
            this.checker = world.checker();
            this.traffic = new Traffic(world, world.operatorView());
            world.administration(traffic);
        }

        SeedResult run() {
            try {
                world.begin();
                world.log().onCommit(this::committed);
                scheduler.at(START_NANOS, "traffic begins", traffic::begin);
                until(plan.shape().endNanos() - QUIET_NANOS);
                traffic.stopProducing();
                until(plan.shape().endNanos());
                if (failure == null && scheduler.executed() < options.maxEvents()) {
                    lookAtTheEnd();
                }
            } catch (RuntimeException | Error e) {
                StringWriter text = new StringWriter();
                e.printStackTrace(new PrintWriter(text));
                fail("EXCEPTION", text.toString());
            }
            SeedResult result = new SeedResult(failure, stats(), trace.hash());
            end();
            return result;
        }

        /** A failed run may not even end well; what it failed by is known already. */
        private void end() {
            try {
                world.end();
            } catch (RuntimeException | Error e) {
                if (failure == null) {
                    throw e;
                }
            }
        }

        private void committed(MetadataImage image) {
            checker.committed(image);
            for (TopicImage topic : image.topics().all()) {
                for (PartitionImage p : topic.partitions()) {
                    Integer before = epochs.put(new LogId(topic.id(), p.partition()), p.leaderEpoch());
                    if (before != null && p.leaderEpoch() > before && p.hasLeader()) {
                        elections++;
                    }
                }
            }
        }

        private void until(long nanos) {
            while (failure == null
                    && scheduler.nextNanos() <= nanos
                    && scheduler.executed() < options.maxEvents()
                    && scheduler.step()) {
                if (!checker.isClean()) {
                    fail(checker.violations().get(0));
                }
            }
        }

        private void lookAtTheEnd() {
            checker.finish();
            List<Violation> all = checker.isClean() ? checker.unhealed() : checker.violations();
            if (!all.isEmpty()) {
                fail(all.get(0));
            } else if (traffic.waiting() > 0) {
                fail("L4", traffic.waiting() + " batches are still open");
            }
        }

        private void fail(Violation violation) {
            fail(violation.invariant(), violation.toString());
        }

        private void fail(String invariant, String text) {
            failure = new SeedResult.Failure(scheduler.executed(), invariant, text, trace.last());
        }

        private SeedResult.Stats stats() {
            return new SeedResult.Stats(
                    scheduler.executed(),
                    scheduler.now(),
                    checker.acknowledgedBatches(),
                    elections,
                    world.truncations(),
                    world.pressure(),
                    checker.forgave(),
                    world.faults().happened());
        }
    }
}
