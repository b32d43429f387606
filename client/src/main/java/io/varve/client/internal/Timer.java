// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal;

import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The client's one thread for what has to happen later. Runs the client's own code only. <i>Thread-safe.</i> */
public final class Timer implements AutoCloseable {
    private final ScheduledThreadPoolExecutor executor;

    Timer(String name) {
        executor = new ScheduledThreadPoolExecutor(1, Daemons.named(name), (task, e) -> {});
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Runs something after a pause; forgotten after close. */
    public void after(long nanos, Runnable task) {
        executor.schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    /** Runs something soon; forgotten after close. */
    Executor now() {
        return executor;
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
