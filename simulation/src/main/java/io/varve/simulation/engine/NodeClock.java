// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

/**
 * The clocks of one machine: a monotonic one that runs a little too fast or too slow, and a wall clock that may jump. Both are functions of virtual time.
 */
public final class NodeClock {
    /** A clock that runs as it should. */
    public static final int TRUE_RATE = 1000;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Scheduler scheduler;
    private long baseNanos;
    private long baseVirtualNanos;
    private int ratePerMille = TRUE_RATE;
    private long wallOffsetMillis;

    /**
     * @param startNanos what the monotonic clock shows now: any number, so that nobody compares those of two machines
     * @param startMillis what the wall clock shows at virtual time 0
     */
    public NodeClock(Scheduler scheduler, long startNanos, long startMillis) {
        this.scheduler = scheduler;
        this.baseNanos = startNanos;
        this.baseVirtualNanos = scheduler.now();
        this.wallOffsetMillis = startMillis;
    }

    /** The monotonic clock. */
    public long nowNanos() {
        return baseNanos + (scheduler.now() - baseVirtualNanos) * ratePerMille / TRUE_RATE;
    }

    /** The wall clock, milliseconds since 1970. */
    public long wallMillis() {
        return wallOffsetMillis + scheduler.now() / NANOS_PER_MILLI;
    }

    /** From 800 (too slow by a fifth) to 1200. The monotonic clock goes on from where it is. */
    public void setRatePerMille(int rate) {
        baseNanos = nowNanos();
        baseVirtualNanos = scheduler.now();
        ratePerMille = rate;
    }

    public int ratePerMille() {
        return ratePerMille;
    }

    /** Sets the wall clock forward, or back. */
    public void jumpWall(long millis) {
        wallOffsetMillis += millis;
    }

    /** How much virtual time passes while this machine's monotonic clock advances that far. */
    public long virtualNanos(long clockNanos) {
        return clockNanos * TRUE_RATE / ratePerMille;
    }
}
