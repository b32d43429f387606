// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.follower;

import io.varve.replication.protocol.PeerReplies;
import io.varve.replication.protocol.ReplicaMessage;

/** One session with one leader. *Confined to the loop.* */
final class Session {
    /** How far it got. */
    enum Phase {
        /** Said where the log stands. */
        OPENED,
        /** Told where to cut, and not done yet. */
        CUTTING,
        /** The log is a prefix of the leader's: appends are taken. */
        OPEN
    }

    final int leaderEpoch;
    final long number;
    final PeerReplies replies; // of the stream that carries it: acks return there
    Phase phase = Phase.OPENED;
    int lastEpoch; // of the last record here, while OPEN
    long leaderHighWatermark;
    boolean ackDue;
    long ackedWritten = -1;
    long ackedFlushed = -1;

    Session(ReplicaMessage.Open open, PeerReplies replies) {
        this.leaderEpoch = open.leaderEpoch();
        this.number = open.session();
        this.replies = replies;
    }

    boolean carries(ReplicaMessage message) {
        return message.leaderEpoch() == leaderEpoch && message.session() == number;
    }
}
