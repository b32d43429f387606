// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.replica.Resignation;
import io.varve.simulation.check.WorldEvents;
import io.varve.storage.LogId;

/** What a replica finds in its process. */
interface NodeServices {
    int nodeId();

    NodeLoop loop();

    WorldEvents events();

    /** 0 while it is not registered. */
    long brokerEpoch();

    long appliedMetadataIndex();

    long nextSession();

    void send(int node, PeerStream stream, ReplicaMessage.ToFollower message);

    void propose(InSyncProposal proposal);

    void resign(LogId id, Resignation resignation);

    void metadataWanted();

    /** The replica takes and gives nothing more until its process is started anew. */
    void replicaStopped(LogId id, String why);

    /** This copy is damaged, which the controller must hear. */
    void replicaDamaged(LogId id, String why);

    /** A link held too much. */
    void countPressed();

    /** A leader was refused because too much waited. */
    void countBusy();

    /** A log was cut because it had diverged. */
    void countTruncation();

    /** The replica wants to be told of time from now on. */
    void wantsTicks(HostedReplica replica);
}
