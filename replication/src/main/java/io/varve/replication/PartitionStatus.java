// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

/**
 * A partition at one moment, for people. The positions are read one after the other, so they may be of slightly different moments. *Immutable.*
 *
 * @param detail empty when the state says it all, else why it is not healthy
 */
public record PartitionStatus(State state, String detail, int leaderEpoch, int partitionEpoch, Positions positions) {
    /** What the replica does. */
    public enum State {
        /** Nobody leads, or nothing is known yet. */
        IDLE,
        /** About to lead: reads what it needs for that. */
        STARTING,
        LEADING,
        /** Gave up its leader epoch after a failed write or flush. */
        RESIGNED,
        /** Stopped by a broken invariant or a damaged log. */
        FAILED,
        CLOSED,
        /** Another node leads. */
        FOLLOWING,
        /** Makes its log a prefix of the leader's. */
        TRUNCATING,
        /** Heard of a higher epoch than the one it leads in, and waits for the metadata. */
        DEPOSED
    }

    /**
     * @param logStartOffset the first offset that still exists
     * @param highWatermark end of the committed records (exclusive)
     * @param logEndOffset end of the log (exclusive), with what is not written yet
     * @param flushedEndOffset end of what is on disk (exclusive)
     * @param sizeBytes of the log on disk
     */
    public record Positions(
            long logStartOffset, long highWatermark, long logEndOffset, long flushedEndOffset, long sizeBytes) {}

    public boolean isHealthy() {
        return detail.isEmpty() && state != State.FAILED && state != State.RESIGNED;
    }
}
