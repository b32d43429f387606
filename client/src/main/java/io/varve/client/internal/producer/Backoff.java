// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

/** Pauses between attempts: short first, doubled each time, at most a second. */
final class Backoff {
    private static final long FIRST_NANOS = 20_000_000;
    private static final long MAX_NANOS = 1_000_000_000;

    private Backoff() {}

    static long nanos(int failures) {
        int doublings = Math.min(Math.max(failures - 1, 0), 10);
        return Math.min(FIRST_NANOS << doublings, MAX_NANOS);
    }
}
