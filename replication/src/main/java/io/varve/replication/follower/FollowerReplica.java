// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.follower;

import io.varve.replication.ReplicaSettings;
import io.varve.replication.protocol.PartitionState;
import io.varve.replication.protocol.PeerReplies;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rules;
import io.varve.storage.LogId;

/** The follower of one partition. *Confined to the loop.* */
public final class FollowerReplica {
    private final long highWatermark;

    public FollowerReplica(
            LogId id,
            ReplicaSettings settings,
            long highWatermark,
            FollowerLog log,
            FollowerOutput output,
            Rules rules) {
        this.highWatermark = highWatermark;
    }

    /** What the metadata says; of a higher leader epoch: no session survives it. */
    public void follow(PartitionState state) {}

    /** One message of a peer; takes over the chunks of an append. */
    public void onMessage(
            int fromNode, ReplicaMessage.ToFollower message, PeerReplies replies, long nowNanos, long nowMillis) {}

    public void logProgressed(long writtenEndOffset, long flushedEndOffset) {}

    /** The log is as {@link FollowerOutput#cut} asked. */
    public void cutDone(long nowNanos) {}

    public void logFailed(String detail) {}

    public void logReopened() {}

    /** Sends what the turn's events owe the leader: one cumulative Ack (P14). */
    public void endOfTurn() {}

    public long highWatermark() {
        return highWatermark;
    }
}
