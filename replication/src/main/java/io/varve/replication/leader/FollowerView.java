// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.protocol.PeerStream;

/**
 * What the leader knows of one follower, to be looked at. *Immutable.*
 *
 * @param session the current one, 0 before the first
 * @param match what counts for it in this leader epoch
 * @param nextOffset what is sent next
 * @param lastCaughtUpNanos on the monotonic clock of the events
 */
public record FollowerView(
        int node,
        long session,
        State state,
        PeerStream stream,
        Match match,
        long nextOffset,
        long inFlightBytes,
        long lastCaughtUpNanos) {
    /** Up to where its log is known to be a prefix of the leader's; 0 while nothing is. */
    public record Match(long writtenEndOffset, long flushedEndOffset) {}

    /** Where the session stands. */
    public enum State {
        /** No session, or one whose Open is unanswered. */
        PROBE,
        /** Told where to cut its log. */
        TRUNCATING,
        /** Its log is a prefix of the leader's: appends flow, acknowledgements count. */
        STREAM
    }
}
