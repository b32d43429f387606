// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import io.varve.replication.Append;
import io.varve.replication.InvariantException;
import io.varve.replication.ReplicaSettings;
import io.varve.replication.leader.LeaderReplica;
import io.varve.replication.protocol.InSyncAnswer;
import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.PartitionState;
import io.varve.replication.protocol.PeerReplies;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rules;
import io.varve.storage.LogId;
import io.varve.storage.StorageException;

/** One replica of one partition: its methods are its events. *Confined to the loop.* */
public final class Replica {
    private final long highWatermark;

    /** @param highWatermark the one that was checkpointed */
    public Replica(
            String name,
            LogId id,
            ReplicaSettings settings,
            long highWatermark,
            ReplicaLog log,
            ReplicaPort port,
            Rules rules) {
        this.highWatermark = highWatermark;
    }

    /** What the metadata says about this partition (P3); {@code members} is of the same index. */
    public void onMetadata(PartitionState state, Members members, long nowNanos) {}

    /** The metadata moved on without a change of this partition. */
    public void onMembers(Members members, long nowNanos) {}

    /** A message of a peer that leads; takes over its chunks. */
    public void onMessage(
            int fromNode, ReplicaMessage.ToFollower message, PeerReplies replies, long nowNanos, long nowMillis) {
        if (message instanceof ReplicaMessage.Append append) {
            append.release();
        }
    }

    /** An answer of a peer that follows. */
    public void onAnswer(int fromNode, ReplicaMessage.ToLeader message, long nowNanos) {}

    public void onProposalAnswered(InSyncAnswer answer, long nowNanos) {}

    public void linkUp(int node, long nowNanos) {}

    public void linkDown(int node, long nowNanos) {}

    public void linkHeard(int node, long nowNanos) {}

    public void linkPressed(int node, boolean pressed) {}

    /** Takes over the append's reference of its chunk; its completion is called exactly once. */
    public void append(Append append, long nowNanos, long nowMillis) {
        throw new InvariantException("not yet");
    }

    public void logProgressed(long writtenEndOffset, long flushedEndOffset) {}

    /** A write or flush failed; both ends are certain. */
    public void logFailed(
            StorageException.Kind kind, String detail, long writtenEndOffset, long flushedEndOffset, long nowNanos) {}

    /** Time passed. Due every 10 ms or so while {@link #wantsTicks()}, harmless otherwise. */
    public void tick(long nowNanos) {}

    public boolean wantsTicks() {
        return false;
    }

    /** After the events of a turn: pushes, acknowledges, and tells followers the high watermark, once for all of them. */
    public void endOfTurn(long nowNanos) {}

    /** Whether this node has not heard a controller for 0.8 of a session. */
    public void isolated(boolean isolated) {}

    /** The topic's settings changed; durability and node never do. */
    public void configure(ReplicaSettings changed) {}

    /** Takes and gives nothing more: the node shuts down or the topic is deleted. What waits is INDETERMINATE. */
    public void stop(String why) {}

    public ReplicaStatus status() {
        throw new InvariantException("not yet");
    }

    public long highWatermark() {
        return highWatermark;
    }

    /** For those who read: only while {@link #status()} says LEADING. */
    public LeaderReplica leader() {
        throw new InvariantException("not yet");
    }
}
