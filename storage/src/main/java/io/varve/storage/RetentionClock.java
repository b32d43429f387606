// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

/**
 * The time by which records grow old. It is the wall clock's, as long as that does not run away: between two readings this clock goes on by at most
 * twice what a monotonic clock has counted. A wall clock that jumps a year ahead therefore expires in each pass only what this time and as much again
 * makes old, and somebody has the time to set it right. The second half is what lets it make up for an honest delay, such as the time while the node was
 * down, for which no monotonic clock speaks: the first reading after a start is at most the last one before it.
 *
 * <p>A wall clock that jumps back takes this one with it, and may come back to where it was. One that says a year before this program was written is
 * no clock, and nothing grows old by it.
 *
 * <p><i>confined to one thread</i>
 */
public final class RetentionClock {
    /** Nothing is known of an earlier reading. */
    public static final long UNKNOWN = Long.MIN_VALUE;

    /** By which nothing is old. */
    public static final long NO_TIME = 0;

    private static final long FIRST_PLAUSIBLE_MILLIS = 1_577_836_800_000L; // 2020
    private static final long NANOS_PER_MILLI = 1_000_000;

    private long ceilingMillis;
    private long readNanos;
    private boolean read;

    /** @param lastMillis the {@link #ceilingMillis()} that was kept by the process before, or {@link #UNKNOWN}: then the wall clock is believed once */
    public RetentionClock(long lastMillis) {
        ceilingMillis = lastMillis;
    }

    /** The time now, in milliseconds since 1970. */
    public long read(long wallMillis, long monotonicNanos) {
        long elapsed = read ? Math.max(0, (monotonicNanos - readNanos) / NANOS_PER_MILLI) : 0;
        if (wallMillis < FIRST_PLAUSIBLE_MILLIS) {
            return NO_TIME;
        }
        if (ceilingMillis == UNKNOWN) {
            ceilingMillis = wallMillis;
        }
        long highest = ceilingMillis + 2 * elapsed;
        ceilingMillis = Math.max(ceilingMillis + elapsed, Math.min(wallMillis, highest));
        readNanos = read
                ? readNanos + elapsed * NANOS_PER_MILLI
                : monotonicNanos; // what is less than a millisecond counts later
        read = true;
        return Math.min(wallMillis, ceilingMillis);
    }

    /** What no reading so far was above: to be kept for the next process. */
    public long ceilingMillis() {
        return ceilingMillis;
    }
}
