// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The I/O pool of one simulated process: hands every step to a scheduler, which runs it when it wants. Steps of one log come one after another, those of
 * different logs may be run in any order. A step that was run by {@link #await} or dropped by {@link #forget} does nothing when its turn comes.
 *
 * <p><i>confined to one thread</i>
 */
final class StepPool implements IoPool {
    /** Runs steps later, each once, never from within {@link #schedule}. */
    public interface Scheduler {
        void schedule(Step step, Runnable run);
    }

    private final class Task implements Runnable {
        private final Runnable work;

        Task(Runnable work) {
            this.work = work;
        }

        @Override
        public void run() {
            if (pending.remove(this)) {
                work.run();
            }
        }
    }

    private final Scheduler scheduler;
    private final Set<Task> pending = new LinkedHashSet<>();

    public StepPool(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    @Override
    public void execute(Step step, Runnable work) {
        Task task = new Task(work);
        pending.add(task);
        scheduler.schedule(step, task);
    }

    @Override
    public boolean stepwise() {
        return true;
    }

    /** Runs what is pending, oldest first, until the result is there. */
    @Override
    public <T> T await(CompletableFuture<T> result) {
        while (!result.isDone()) {
            if (pending.isEmpty()) {
                throw new IllegalStateException("nothing is pending that could bring the result");
            }
            pending.iterator().next().run();
        }
        return result.join();
    }

    /** Steps handed over and not yet run. */
    public int pending() {
        return pending.size();
    }

    /** The process died: none of its steps happens any more. */
    public void forget() {
        pending.clear();
    }
}
