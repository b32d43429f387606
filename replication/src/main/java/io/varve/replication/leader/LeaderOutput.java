// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.RejectReason;
import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;

/** What the leader has to say to the world beside the answers of appends. Called on the partition's loop; implementations enqueue. */
public interface LeaderOutput {
    /** Everything below {@code highWatermark} is committed and may be read (P18). Called once per move. */
    void highWatermarkMoved(long highWatermark);

    /** The leader gave up {@code leaderEpoch}: it takes no append any more, and leads again only under a higher epoch. */
    void resigned(int leaderEpoch, RejectReason reason, String detail);

    /** Never blocks; takes over the chunks of an append, and drops the message silently when that stream is down. */
    void send(int node, PeerStream stream, ReplicaMessage.ToFollower message);

    /** Asks the controller; answered by {@link LeaderReplica#onProposalAnswered}, or never. */
    void propose(InSyncProposal proposal);

    /** Somebody knows {@code leaderEpoch}, which is higher than this node's: the leader is deposed and needs the metadata (P2). */
    void metadataWanted(int leaderEpoch);

    /** The leader's own copy of what a follower lacks is damaged (P34): this replica may neither lead nor serve any more, if another one can. */
    void damaged(String detail);

    /** The next session number: higher than every one before in this process. */
    long nextSession();

    /**
     * Only while {@code ROLLBACK_AFTER_PUSH} is switched off: the log failed, and the leader goes on in its epoch once it was reopened and
     * {@link LeaderReplica#logReopened} was called.
     */
    void reopenWanted();
}
