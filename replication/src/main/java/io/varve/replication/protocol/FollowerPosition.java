// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.protocol;

/**
 * What a node that refuses a message has of the partition. *Immutable.*
 *
 * @param leaderEpoch known there, 0 for none
 * @param logEndOffset of the log there, or -1 if there is no log
 * @param lastEpoch of the last record there, 0 for none
 */
public record FollowerPosition(int leaderEpoch, long logEndOffset, int lastEpoch) {
    /** There is no log, or nobody looked. */
    public static FollowerPosition withoutLog(int leaderEpoch) {
        return new FollowerPosition(leaderEpoch, -1, 0);
    }
}
