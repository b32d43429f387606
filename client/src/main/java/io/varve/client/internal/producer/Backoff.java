// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

/** Pauses between attempts: short first, doubled each time, at most half a second. */
final class Backoff {
    private static final long FIRST_NANOS = 20_000_000;
    private static final long MAX_NANOS = 500_000_000;

    private Backoff() {}

    /** A part of it depends on the clock, so that many producers do not come back in step. */
    static long nanos(int failures, long now) {
        int doublings = Math.min(Math.max(failures - 1, 0), 10);
        long pause = Math.min(FIRST_NANOS << doublings, MAX_NANOS);
        long mixed = (now ^ now >>> 17) * 0x9E3779B97F4A7C15L >>> 1;
        return pause - mixed % (pause / 4);
    }
}
