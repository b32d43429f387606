// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;

/** What a {@link PeerLink} does to the world. Nothing blocks, nothing calls back inside: everything only enqueues. */
public interface PeerLinkPort {
    /** Dials one stream; answered by {@link PeerLink#streamUp} or {@link PeerLink#streamDown}, or never. */
    void connect(PeerStream kind, long streamId);

    /** Takes over the frame. Answered, once the transport takes more, by {@link PeerLink#writable}: at once if it is never full. */
    void write(PeerStream kind, long streamId, PeerFrame frame);

    /** The stream, or the attempt, is over for the link: no event of it matters any more. */
    void disconnect(PeerStream kind, long streamId);

    /** An answer for the leader of its partition. */
    void deliver(ReplicaMessage.ToLeader message);

    /** All streams have greeted: sessions can begin. */
    void linkUp();

    /** All sessions on this link are void. Once for each {@link #linkUp}. */
    void linkDown(String why);

    /** The other node has given a sign of life (P23). */
    void linkHeard();

    /** The link holds too much, or no longer. Not pressed after {@link #linkUp}. */
    void pressed(boolean pressed);
}
