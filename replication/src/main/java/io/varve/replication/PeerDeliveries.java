// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.replication.protocol.PeerReplies;
import io.varve.replication.protocol.ReplicaMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What other nodes have for this one's replicas: gathered while a link or an inbox has its turn, and handed over with one event for each partition loop.
 * *Confined* to the loop of its link or inbox.
 */
public final class PeerDeliveries {
    private final Map<PartitionLoop, List<Runnable>> events = new LinkedHashMap<>();

    /** From a peer that leads; takes over the chunks of an append. {@code replies} hears of it by {@link PeerPort#answer}. */
    public void message(Partition to, int fromNode, ReplicaMessage.ToFollower message, PeerReplies replies) {
        ReplicaShell shell = to.shell();
        of(to).add(() -> shell.onMessage(fromNode, message, replies));
    }

    /** From a peer that follows. */
    public void answer(Partition to, int fromNode, ReplicaMessage.ToLeader message) {
        ReplicaShell shell = to.shell();
        of(to).add(() -> shell.onAnswer(fromNode, message));
    }

    private List<Runnable> of(Partition partition) {
        return events.computeIfAbsent(partition.loop(), loop -> new ArrayList<>());
    }

    /** Hands everything over, before whatever is posted later. */
    public void flush() {
        if (!events.isEmpty()) {
            events.forEach((loop, turn) -> loop.post(() -> turn.forEach(Runnable::run)));
            events.clear();
        }
    }
}
