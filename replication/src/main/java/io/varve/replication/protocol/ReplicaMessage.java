// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.protocol;

import io.varve.storage.Chunk;
import io.varve.storage.LogId;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A message between the leader and a follower of one partition. *Immutable*, but for the chunks of an {@link Append}.
 *
 * <p>Every message names the topic by id and carries the leader epoch and the session that it belongs to (P2, P7).
 */
public sealed interface ReplicaMessage {
    LogId partition();

    int leaderEpoch();

    /** Grows strictly per leader process; sessions begin at 1. */
    long session();

    /** From the leader to a follower. */
    sealed interface ToFollower extends ReplicaMessage {}

    /** From a follower to the leader. */
    sealed interface ToLeader extends ReplicaMessage {
        /** The broker epoch of the follower. */
        long brokerEpoch();
    }

    /**
     * Begins a session (P7); voids those of this partition with a lower number.
     *
     * @param metadataIndex that the leader acts on: a follower behind it first catches up (P2)
     * @param targetBrokerEpoch the incarnation of the follower that is meant
     * @param epochsBelow asks for the part of the epoch chain below this leader epoch; {@link Integer#MAX_VALUE} for its end
     */
    record Open(
            LogId partition,
            int leaderEpoch,
            long session,
            long metadataIndex,
            long targetBrokerEpoch,
            long leaderBrokerEpoch,
            long leaderLogStartOffset,
            int epochsBelow)
            implements ToFollower {}

    /**
     * Answers {@link Open}: where this log stands. Says nothing about what is flushed: that is an {@link Ack}'s.
     *
     * @param epochs the newest ones below {@code epochsBelow}
     */
    record State(
            LogId partition,
            int leaderEpoch,
            long session,
            long brokerEpoch,
            long logStartOffset,
            long logEndOffset,
            long highWatermark,
            EpochPage epochs)
            implements ToLeader {}

    /**
     * Cuts the follower's log to a prefix of the leader's; once per session, before any append of it (P9). Sent always, also when nothing is to be cut;
     * answered by an {@link Ack}, which completes the session's handshake.
     *
     * @param reset the follower drops everything and begins anew at {@code toOffset}, where the leader's first batch begins (P8)
     * @param producerParts how many {@link Producers} came before it: what they say as of {@code toOffset} is the follower's state from now on. Their number
     *     is positive if the follower's log has no record then, and would otherwise know nothing of what its leader's log says no more (P41)
     */
    record Truncate(LogId partition, int leaderEpoch, long session, long toOffset, boolean reset, int producerParts)
            implements ToFollower {
        /** Leaves the producers to what the log says. */
        public Truncate(LogId partition, int leaderEpoch, long session, long toOffset, boolean reset) {
            this(partition, leaderEpoch, session, toOffset, reset, 0);
        }
    }

    /**
     * A part of the producers' state that the next {@link Truncate} of this session goes with; see {@link ProducerParts}.
     *
     * @param part from 0, without a gap
     * @param bytes read-only
     */
    record Producers(LogId partition, int leaderEpoch, long session, int part, ByteBuffer bytes)
            implements ToFollower {}

    /**
     * Appends batches; none is a probe. Whoever takes the message takes over one reference of each chunk.
     *
     * @param baseOffset of the first batch, or where it would begin
     * @param prevEpoch epoch of the record before {@code baseOffset}, 0 if there is none
     */
    record Append(
            LogId partition,
            int leaderEpoch,
            long session,
            long baseOffset,
            int prevEpoch,
            List<Chunk> chunks,
            LeaderPosition leader)
            implements ToFollower {
        public Append {
            chunks = List.copyOf(chunks);
        }

        public long sizeBytes() {
            long bytes = 0;
            for (Chunk chunk : chunks) {
                bytes += chunk.sizeBytes();
            }
            return bytes;
        }

        /** Gives back what the message holds. */
        public void release() {
            chunks.forEach(Chunk::release);
        }
    }

    /** The high watermark of an open session moved (P16); on the control stream, may come before or after the appends it covers. */
    record Commit(LogId partition, int leaderEpoch, long session, long highWatermark, long leaderLogStartOffset)
            implements ToFollower {}

    /** Cumulative: everything below is written, or flushed, here, and is a prefix of the leader's log (P14). */
    record Ack(
            LogId partition,
            int leaderEpoch,
            long session,
            long brokerEpoch,
            long writtenEndOffset,
            long flushedEndOffset)
            implements ToLeader {}

    /**
     * Something was not done.
     *
     * @param leaderEpoch and {@code session} of the message that is refused
     */
    record Nack(
            LogId partition,
            int leaderEpoch,
            long session,
            long brokerEpoch,
            NackCode code,
            FollowerPosition here,
            String detail)
            implements ToLeader {}
}
