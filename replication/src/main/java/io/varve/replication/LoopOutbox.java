// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.protocol.PeerReplies;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the partitions of a loop have for others in one turn: handed over at its end, once for each node. *Confined to the partition loop.* */
final class LoopOutbox {
    private final Map<Integer, List<PeerPort.Outgoing>> messages = new LinkedHashMap<>();
    private PeerPort port = PeerPort.NONE;
    private List<PeerPort.Answer> answers = new ArrayList<>();
    private List<PeerPort.Proposal> proposals = new ArrayList<>();
    private boolean holdsMessages;

    /** All partitions of a loop have the same. */
    void connect(PeerPort to) {
        if (port != PeerPort.NONE && port != to) {
            throw new InvariantException("a partition loop has partitions of two nodes");
        }
        port = to;
    }

    void send(int node, PeerStream stream, ReplicaMessage.ToFollower message) {
        holdsMessages = true;
        List<PeerPort.Outgoing> forNode = messages.get(node);
        if (forNode == null) {
            forNode = new ArrayList<>();
            messages.put(node, forNode);
        }
        forNode.add(new PeerPort.Outgoing(stream, message));
    }

    void answer(PeerReplies to, ReplicaMessage.ToLeader message) {
        answers.add(new PeerPort.Answer(to, message));
    }

    void propose(Partition partition, InSyncProposal proposal) {
        proposals.add(new PeerPort.Proposal(partition, proposal));
    }

    /** The turn is over. */
    void flush() {
        if (holdsMessages) {
            holdsMessages = false;
            for (Map.Entry<Integer, List<PeerPort.Outgoing>> each : messages.entrySet()) {
                port.send(each.getKey(), each.getValue());
            }
            messages.clear();
        }
        if (!answers.isEmpty()) {
            List<PeerPort.Answer> turn = answers;
            answers = new ArrayList<>();
            port.answer(turn);
        }
        if (!proposals.isEmpty()) {
            List<PeerPort.Proposal> turn = proposals;
            proposals = new ArrayList<>();
            port.propose(turn);
        }
    }
}
