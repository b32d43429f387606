// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import io.varve.replication.RejectReason;
import io.varve.replication.leader.LeaderOutput;
import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;

/** Passes on what the leader says. *Confined to the loop.* */
final class LeaderDesk implements LeaderOutput {
    private final Duties duties;
    private final ReplicaPort port;

    LeaderDesk(Duties duties, ReplicaPort port) {
        this.duties = duties;
        this.port = port;
    }

    @Override
    public void highWatermarkMoved(long highWatermark) {
        port.highWatermarkMoved(highWatermark);
    }

    @Override
    public void resigned(int leaderEpoch, RejectReason reason, String detail) {
        duties.resigned(reason, detail);
    }

    @Override
    public void send(int node, PeerStream stream, ReplicaMessage.ToFollower message) {
        port.send(node, stream, message);
    }

    @Override
    public void propose(InSyncProposal proposal) {
        port.propose(proposal);
    }

    @Override
    public void metadataWanted(int leaderEpoch) {
        port.metadataWanted(leaderEpoch);
    }

    @Override
    public void damaged(String detail) {
        duties.damageFound(detail); // P34: stops the replica that called, if another copy is there
    }

    @Override
    public long nextSession() {
        return port.nextSession();
    }

    @Override
    public void reopenWanted() {
        duties.reopenForRollback();
    }
}
