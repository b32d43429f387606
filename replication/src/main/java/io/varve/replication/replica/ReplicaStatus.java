// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

/**
 * Where a replica stands. *Immutable.*
 *
 * @param detail why it is not healthy, empty if it is
 * @param leaderEpoch the newest one known, 0 before any
 * @param partitionEpoch the newest one known, -1 before any
 */
public record ReplicaStatus(
        Role role, String detail, int leaderEpoch, int partitionEpoch, long highWatermark, Ends ends) {
    /** What it does at the moment. */
    public enum Role {
        /** Nobody leads, or nothing is known yet. */
        IDLE,
        /** Is to lead and waits for its log: a truncation, a reopening or the replay of producers. */
        STARTING,
        LEADING,
        /** Gave up its epoch after a failed write or flush. */
        RESIGNED,
        /** Heard of a higher epoch than the one it leads in: neither takes nor gives until the metadata arrives. */
        DEPOSED,
        FOLLOWING,
        /** Follows, and makes its log a prefix of the leader's. */
        TRUNCATING,
        /** Stopped by a broken invariant or a damaged log. */
        FAILED,
        CLOSED
    }

    /** The positions of its log, all exclusive but the first. */
    public record Ends(long logStartOffset, long stagedEndOffset, long writtenEndOffset, long flushedEndOffset) {}
}
