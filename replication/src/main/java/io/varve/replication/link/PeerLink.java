// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rules;
import java.util.OptionalLong;

/** The sending end of a link to one other node. */
public final class PeerLink {
    public PeerLink(NodeIdentity self, int peerNodeId, LinkSettings settings, PeerLinkPort port, Rules rules) {}

    /** This node got a broker epoch, by which it greets from now on. */
    public void registered(long brokerEpoch, long nowNanos) {}

    /** Under which broker epoch the metadata has the other node; empty if it has not. */
    public void targetChanged(OptionalLong brokerEpoch, long nowNanos) {}

    /** Takes over the message's chunks. Dropped if the link is not up. */
    public void send(PeerStream stream, ReplicaMessage.ToFollower message, long nowNanos) {}

    public void streamUp(PeerStream kind, long streamId, long nowNanos) {}

    public void streamDown(PeerStream kind, long streamId, String why, long nowNanos) {}

    public void writable(PeerStream kind, long streamId) {}

    /** Takes over the frame. */
    public void onFrame(PeerStream kind, long streamId, PeerFrame frame, long nowNanos) {}

    public void tick(long nowNanos) {}

    /** After the events of a turn, and after the replicas' own: writes what can be written. */
    public void endOfTurn(long nowNanos) {}

    /** Ends everything; the link does not come up again. */
    public void stop(String why, long nowNanos) {}

    public boolean isUp() {
        return false;
    }
}
