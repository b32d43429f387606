// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import java.util.ArrayDeque;
import java.util.concurrent.Callable;

/** An I/O pool that runs when the test says so; it is like a pool of threads, or stepwise. */
final class StepExecutor implements IoPool {
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final boolean stepwise;
    private boolean direct;

    StepExecutor() {
        this(false);
    }

    StepExecutor(boolean stepwise) {
        this.stepwise = stepwise;
    }

    @Override
    public boolean stepwise() {
        return stepwise;
    }

    @Override
    public void execute(Step step, Runnable task) {
        tasks.add(task);
        if (direct) {
            drain();
        }
    }

    boolean step() {
        Runnable task = tasks.poll();
        if (task == null) {
            return false;
        }
        task.run();
        return true;
    }

    void drain() {
        while (step()) {}
    }

    /** For calls that wait for their tasks. */
    <T> T directly(Callable<T> call) throws Exception {
        boolean before = direct;
        direct = true;
        try {
            drain();
            return call.call();
        } finally {
            direct = before;
        }
    }

    /** The process died. */
    void forget() {
        tasks.clear();
    }
}
