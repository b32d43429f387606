// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.protocol.PeerReplies;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.storage.LogId;
import java.util.List;

/**
 * What a node's partitions have for other nodes. Called at the end of a turn of a partition loop, with everything that the turn had: an implementation
 * enqueues and returns. *Thread-safe*; the lists are handed over.
 */
public interface PeerPort {
    /** A node without others. */
    PeerPort NONE = new PeerPort() {
        @Override
        public void send(int node, List<Outgoing> messages) {
            messages.forEach(Outgoing::release);
        }

        @Override
        public void answer(List<Answer> answers) {}

        @Override
        public void propose(List<Proposal> proposals) {}

        @Override
        public void metadataWanted(LogId partition, int leaderEpoch) {}
    };

    /** A message and the stream that its session lives on. */
    record Outgoing(PeerStream stream, ReplicaMessage.ToFollower message) {
        /** Gives back what the message holds. */
        public void release() {
            if (message instanceof ReplicaMessage.Append append) {
                append.release();
            }
        }
    }

    /** An answer, and where to. */
    record Answer(PeerReplies to, ReplicaMessage.ToLeader message) {
        /** Only where the receiver is confined to. */
        public void deliver() {
            to.reply(message);
        }
    }

    /** A proposal, and who made it: answered by {@link Partition#onProposalAnswered}, or never. */
    record Proposal(Partition partition, InSyncProposal proposal) {}

    /** For one node, in order. Takes over the chunks of appends. */
    void send(int node, List<Outgoing> messages);

    /** For the inbox, in order. */
    void answer(List<Answer> answers);

    /** For the controller. */
    void propose(List<Proposal> proposals);

    /** Somebody knows this leader epoch, or newer metadata of it, than this node does (P2). */
    void metadataWanted(LogId partition, int leaderEpoch);
}
