// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import io.varve.replication.protocol.PeerReplies;
import io.varve.replication.protocol.ReplicaMessage;

/** What a {@link PeerInbox} does to the world. Nothing blocks, nothing calls back inside: everything only enqueues. */
public interface InboxPort {
    /** False: no such replica, and nothing of the message is kept. True: takes over its chunks; the answers go to {@code replies}. */
    boolean deliver(int fromNode, ReplicaMessage.ToFollower message, PeerReplies replies, long nowNanos);

    /** Up to where this node's replicas, all of them, have taken over the metadata. */
    long appliedMetadataIndex();

    /** Somebody acts on metadata that has not arrived here (P2). */
    void metadataWanted(long index);

    void write(long inboundId, PeerFrame frame);

    /** Ends the stream, after what was written to it. No {@link PeerInbox#closed} is needed any more. */
    void close(long inboundId, String why);
}
