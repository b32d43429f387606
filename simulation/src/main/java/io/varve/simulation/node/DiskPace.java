// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.simulation.engine.Scheduler;
import io.varve.simulation.engine.SimRandom;
import io.varve.storage.IoPool;

/** How long a disk takes, in virtual time. Outlives processes. */
final class DiskPace {
    private static final long MICRO = 1_000;
    private static final long WRITE_NANOS = 20 * MICRO;
    private static final long FLUSH_NANOS = 600 * MICRO;
    private static final long READ_NANOS = 200 * MICRO;

    private final Scheduler scheduler;
    private int slowness = 1;
    private long slowUntilNanos;
    private long stalledUntilNanos;

    DiskPace(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    /** Everything takes so many times longer, for a while. */
    void slow(int times, long nanos) {
        slowness = times;
        slowUntilNanos = scheduler.now() + nanos;
    }

    /** No flush ends before that time has passed. */
    void stallFlushes(long nanos) {
        stalledUntilNanos = scheduler.now() + nanos;
    }

    void heal() {
        slowUntilNanos = 0;
        stalledUntilNanos = 0;
    }

    long nanos(IoPool.Step step, SimRandom random) {
        boolean flushes = step != IoPool.Step.WRITE && step != IoPool.Step.OPEN;
        long mean = flushes ? FLUSH_NANOS : WRITE_NANOS;
        long nanos = paced(mean + random.exponential(mean));
        return flushes ? Math.max(nanos, stalledUntilNanos - scheduler.now() + nanos) : nanos;
    }

    long readNanos(SimRandom random) {
        return paced(READ_NANOS + random.exponential(READ_NANOS));
    }

    private long paced(long nanos) {
        return scheduler.now() < slowUntilNanos ? nanos * slowness : nanos;
    }
}
