// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import io.varve.replication.InvariantException;
import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;

/**
 * What a replica has to say to its node. Called on the replica's loop; implementations enqueue, and never call the replica back from inside.
 */
public interface ReplicaPort {
    /** Under which this process is registered; 0 before that. */
    long brokerEpoch();

    /** The metadata index that every replica of this node has applied; what a replica has seen itself may be newer. */
    long metadataIndex();

    /** Grows strictly with every call of any replica of this process; at least 1. */
    long nextSession();

    /** Drops silently what that stream does not carry any more. Takes over the chunks of an append. */
    void send(int node, PeerStream stream, ReplicaMessage.ToFollower message);

    /** Answered by {@link Replica#onProposalAnswered}, or never. */
    void propose(InSyncProposal proposal);

    /** Somebody knows {@code leaderEpoch}, or newer metadata of it, than this node does (P2). */
    void metadataWanted(int leaderEpoch);

    /** Everything below {@code highWatermark} is committed. Once per move, in either role. */
    void highWatermarkMoved(long highWatermark);

    /** To be told the controller. Said again every second until metadata comes that answers it; it counts only once per epoch. */
    void resign(Resignation resignation);

    /** An invariant broke, or the log is damaged, which is a {@link io.varve.replication.DamageException} and to be told the controller: this replica takes and gives nothing more. Once. */
    void failed(InvariantException cause);

    /** {@link Replica#status()} has another role or another epoch. */
    void roleChanged(ReplicaStatus now);
}
