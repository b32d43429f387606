// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import io.varve.replication.follower.FollowerOutput;

/** Passes on what the follower says. *Confined to the loop.* */
final class FollowerDesk implements FollowerOutput {
    private final Duties duties;
    private final ReplicaPort port;

    FollowerDesk(Duties duties, ReplicaPort port) {
        this.duties = duties;
        this.port = port;
    }

    @Override
    public long brokerEpoch() {
        return port.brokerEpoch();
    }

    @Override
    public long metadataIndex() {
        return Math.max(port.metadataIndex(), duties.metadataIndex());
    }

    @Override
    public void metadataWanted(int leaderEpoch) {
        port.metadataWanted(leaderEpoch);
    }

    @Override
    public void epochAdopted(int leaderEpoch) {
        duties.epochAdopted(leaderEpoch);
    }

    @Override
    public void cut(Cut cut) {
        duties.cutWork().begin(cut);
    }

    @Override
    public void startWanted(long offset) {
        duties.startWanted(offset);
    }

    @Override
    public boolean isStartMoving() {
        return duties.startMoves().isUnderWay();
    }

    @Override
    public void highWatermarkMoved(long highWatermark) {
        port.highWatermarkMoved(highWatermark);
    }
}
