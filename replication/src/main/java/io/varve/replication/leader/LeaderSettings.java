// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

/**
 * How a leader pushes, and how long it waits for whom. *Immutable.*
 *
 * @param windowBytes sent to one follower and not yet acknowledged as written, at most; one append is let through whatever its size
 * @param appendBytesMax in one append, unless a single batch is larger
 * @param uncommittedBytesMax appends with acks=all are refused while this much of the epoch is not committed
 * @param lagNanosMax how long a member of the in-sync set may be behind before it is taken out (P23)
 * @param flushStallNanos how long a member may take to flush what it was sent
 * @param flushStableNanos for how long a member that was taken out for its flushes must have been prompt before it returns
 * @param openTimeoutNanos after which an unanswered Open is repeated; longer each time
 * @param proposalTimeoutNanos after which an unanswered proposal is sent again
 */
public record LeaderSettings(
        int windowBytes,
        int appendBytesMax,
        long uncommittedBytesMax,
        long lagNanosMax,
        long flushStallNanos,
        long flushStableNanos,
        long openTimeoutNanos,
        long proposalTimeoutNanos) {
    private static final long SECOND_NANOS = 1_000_000_000L;

    public static final LeaderSettings DEFAULT = new LeaderSettings(
            4 << 20,
            1 << 20,
            64L << 20,
            10 * SECOND_NANOS,
            SECOND_NANOS,
            30 * SECOND_NANOS,
            SECOND_NANOS / 2,
            SECOND_NANOS);

    public LeaderSettings {
        if (windowBytes < 1
                || appendBytesMax < 1
                || uncommittedBytesMax < 1
                || lagNanosMax < 1
                || flushStallNanos < 1
                || flushStableNanos < 0
                || openTimeoutNanos < 1
                || proposalTimeoutNanos < 1) {
            throw new IllegalArgumentException("a bound of zero or less");
        }
    }
}
