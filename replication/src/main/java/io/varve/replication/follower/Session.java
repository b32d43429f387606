// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.follower;

import io.varve.replication.protocol.PeerReplies;
import io.varve.replication.protocol.ProducerParts;
import io.varve.replication.protocol.ReplicaMessage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

    /** Far more than a leader sends. */
    private static final long PART_BYTES_MAX = 32L << 20;

    final int leaderEpoch;
    final long number;
    final PeerReplies replies; // of the stream that carries it: acks return there
    Phase phase = Phase.OPENED;
    int lastEpoch; // of the last record here, while OPEN
    long leaderHighWatermark;
    long leaderLogStart;
    private final List<ByteBuffer> parts = new ArrayList<>(); // of the producers that go with the cut
    private long partBytes;
    boolean ackDue;
    long ackedWritten = -1;
    long ackedFlushed = -1;

    Session(ReplicaMessage.Open open, PeerReplies replies) {
        this.leaderEpoch = open.leaderEpoch();
        this.number = open.session();
        this.replies = replies;
        this.leaderLogStart = open.leaderLogStartOffset();
    }

    void leaderSays(long highWatermark, long logStart) {
        leaderHighWatermark = Math.max(leaderHighWatermark, highWatermark);
        leaderLogStart = Math.max(leaderLogStart, logStart);
    }

    /** False if it is not the one that comes next. */
    boolean take(ReplicaMessage.Producers part) {
        int bytes = part.bytes().remaining();
        if (phase != Phase.OPENED || part.part() != parts.size() || partBytes + bytes > PART_BYTES_MAX) {
            return false;
        }
        partBytes += bytes;
        return parts.add(part.bytes());
    }

    /** What was taken, once; null if it is not whole. */
    @Nullable
    ByteBuffer producers(int expectedParts) {
        ByteBuffer whole = expectedParts > 0 && expectedParts == parts.size() ? ProducerParts.join(parts) : null;
        parts.clear();
        return whole;
    }

    boolean carries(ReplicaMessage message) {
        return message.leaderEpoch() == leaderEpoch && message.session() == number;
    }
}
