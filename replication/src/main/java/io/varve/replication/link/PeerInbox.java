// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.Rules;

/** The receiving end of the links of all other nodes. */
public final class PeerInbox {
    public PeerInbox(NodeIdentity self, InboxSettings settings, InboxPort port, Rules rules) {}

    /** This node got a broker epoch. Streams that were greeted under another one are closed. */
    public void registered(long brokerEpoch) {}

    /** The nodes as the metadata has them now. */
    public void membersChanged(Members members) {}

    /** Somebody dialled; the first frame must be a Hello. {@code inboundId} is given by the shell and never used again. */
    public void opened(long inboundId, long nowNanos) {}

    /** The stream is gone: what is still said to it is dropped. */
    public void closed(long inboundId) {}

    /** Takes over the frame. */
    public void onFrame(long inboundId, PeerFrame frame, long nowNanos) {}

    /** All replicas of this node have taken over the metadata up to here: Opens that waited for it are delivered. */
    public void metadataApplied(long index, long nowNanos) {}

    public void tick(long nowNanos) {}

    /** After the events of a turn, and after the replicas' own: writes the answers. */
    public void endOfTurn(long nowNanos) {}

    /** Closes every stream. */
    public void stop(String why) {}
}
