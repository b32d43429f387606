// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.simulation.engine.NodeProcess;
import io.varve.simulation.engine.SimRandom;
import io.varve.storage.IoPool;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The I/O threads of one simulated process: every step takes the time that its disk takes, and the process may die between any two. */
final class SimIo implements IoPool {
    private final NodeProcess process;
    private final DiskPace pace;
    private final SimRandom random;
    private final Runnable afterStep;
    private final Set<Work> outstanding = new LinkedHashSet<>();
    private boolean waiting;

    private final class Work implements Runnable {
        private final Runnable task;
        private NodeProcess.@Nullable Task timer;

        Work(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            if (outstanding.remove(this)) {
                task.run();
                if (!waiting) {
                    afterStep.run();
                }
            }
        }
    }

    /** @param afterStep told after each step that was an event of its own */
    SimIo(NodeProcess process, DiskPace pace, SimRandom random, Runnable afterStep) {
        this.process = process;
        this.pace = pace;
        this.random = random;
        this.afterStep = afterStep;
    }

    @Override
    public boolean stepwise() {
        return true;
    }

    @Override
    public void execute(Step step, Runnable task) {
        if (!process.alive()) {
            return;
        }
        Work work = new Work(task);
        outstanding.add(work);
        if (!waiting) {
            start(step, work);
        }
    }

    private void start(Step step, Work work) {
        if (pace.isStalled(step)) {
            pace.park(() -> {
                if (outstanding.contains(work) && process.alive()) {
                    start(step, work);
                }
            });
        } else {
            work.timer = process.afterVirtual(pace.nanos(step, random), "io", step, work);
        }
    }

    /** The steps of a task that somebody waits for take no time: nothing else of the process could happen meanwhile. */
    @Override
    public <T> T await(CompletableFuture<T> result) {
        boolean before = waiting;
        waiting = true;
        try {
            while (!result.isDone()) {
                if (outstanding.isEmpty()) {
                    throw new IllegalStateException("nothing will complete what is waited for");
                }
                Work next = outstanding.iterator().next();
                if (next.timer != null) {
                    next.timer.cancel();
                }
                next.run();
            }
        } finally {
            waiting = before;
        }
        if (!before) {
            reschedule();
        }
        return result.join();
    }

    /** What was brought while somebody waited, and is not waited for. */
    private void reschedule() {
        for (Work work : outstanding) {
            if (work.timer == null && process.alive()) {
                work.timer = process.afterVirtual(pace.nanos(Step.WRITE, random), "io", Step.WRITE, work);
            }
        }
    }

    int outstandingTasks() {
        return outstanding.size();
    }
}
