// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.simulation.engine.Scheduler;
import io.varve.simulation.engine.SimRandom;
import io.varve.storage.IoPool;
import java.util.ArrayList;
import java.util.List;

/** How long a disk takes, in virtual time. Outlives processes. */
final class DiskPace {
    private static final long MICRO = 1_000;
    private static final long WRITE_NANOS = 20 * MICRO;
    private static final long FLUSH_NANOS = 600 * MICRO;
    private static final long READ_NANOS = 200 * MICRO;

    private final Scheduler scheduler;
    private final List<Runnable> stalled = new ArrayList<>();
    private long extraNanos;
    private boolean stalls;

    DiskPace(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    /** Everything takes that much longer, on average; 0 for as it should. */
    void slow(long meanNanos) {
        extraNanos = meanNanos;
    }

    /** While this is on, no flush begins; all of them do when it is switched off. */
    void stallFlushes(boolean stall) {
        stalls = stall;
        if (!stall) {
            List<Runnable> all = List.copyOf(stalled);
            stalled.clear();
            all.forEach(flush -> scheduler.after(0, "flush goes on", flush));
        }
    }

    boolean isStalled(IoPool.Step step) {
        return stalls && flushes(step);
    }

    /** Runs when the stall is over. */
    void park(Runnable flush) {
        stalled.add(flush);
    }

    private static boolean flushes(IoPool.Step step) {
        return step != IoPool.Step.WRITE && step != IoPool.Step.OPEN;
    }

    long nanos(IoPool.Step step, SimRandom random) {
        long mean = flushes(step) ? FLUSH_NANOS : WRITE_NANOS;
        return mean + random.exponential(mean) + slowness(random);
    }

    long readNanos(SimRandom random) {
        return READ_NANOS + random.exponential(READ_NANOS) + slowness(random);
    }

    private long slowness(SimRandom random) {
        return extraNanos == 0 ? 0 : random.exponential(extraNanos);
    }
}
