// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;

/** The world of a leader without followers: there is nobody to talk to but those that append. */
abstract class SoleOutput implements LeaderOutput {
    @Override
    public void send(int node, PeerStream stream, ReplicaMessage.ToFollower message) {
        throw new UnsupportedOperationException("send");
    }

    @Override
    public void propose(InSyncProposal proposal) {
        throw new UnsupportedOperationException("propose");
    }

    @Override
    public void metadataWanted(int leaderEpoch) {
        throw new UnsupportedOperationException("metadataWanted");
    }

    @Override
    public void damaged(String detail) {
        throw new UnsupportedOperationException("damaged");
    }

    @Override
    public long nextSession() {
        throw new UnsupportedOperationException("nextSession");
    }

    @Override
    public void reopenWanted() {
        throw new UnsupportedOperationException("reopenWanted");
    }
}
