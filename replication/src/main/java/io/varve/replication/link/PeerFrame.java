// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import java.util.List;
import java.util.UUID;

/** What travels on a stream between two nodes. *Immutable*, but for the chunks of messages: whoever takes a frame takes over one reference of each. */
public sealed interface PeerFrame {
    /** Gives back what the frame holds. */
    default void release() {}

    /**
     * First on every stream, from the node that dials.
     *
     * @param brokerEpoch of the sender, which belongs to {@code incarnation}, one run of its process
     * @param streamId grows with every attempt of that incarnation
     * @param target whom the sender believes to have dialled
     */
    record Hello(
            UUID clusterId,
            int nodeId,
            long brokerEpoch,
            UUID incarnation,
            ProtocolRange versions,
            long streamId,
            PeerStream kind,
            Target target)
            implements PeerFrame {}

    /** One incarnation of a node, by what the metadata says of it. */
    record Target(int nodeId, long brokerEpoch) {}

    /**
     * Answers {@link Hello}; a refused stream ends after it.
     *
     * @param detail for people, empty if accepted
     * @param brokerEpoch of the node that answers, -1 if it has none yet
     * @param version that both ends speak from now on, 0 if refused
     */
    record HelloAnswer(HelloVerdict verdict, String detail, long brokerEpoch, UUID incarnation, int version)
            implements PeerFrame {
        public boolean accepted() {
            return verdict == HelloVerdict.ACCEPTED;
        }
    }

    /** Messages of several partitions, in the order in which they are to be taken. Those of a direction only. */
    record Messages(List<? extends ReplicaMessage> messages) implements PeerFrame {
        public Messages {
            messages = List.copyOf(messages);
        }

        @Override
        public void release() {
            for (ReplicaMessage message : messages) {
                if (message instanceof ReplicaMessage.Append append) {
                    append.release();
                }
            }
        }
    }

    /**
     * A sign of life, and on the control stream the high watermarks that moved since the last one.
     *
     * @param sentNanos the sender's clock; means nothing to anybody else
     */
    record Pulse(long sentNanos, List<ReplicaMessage.Commit> commits) implements PeerFrame {
        public Pulse {
            commits = List.copyOf(commits);
        }
    }

    /** Answers the {@link Pulse} with this time, and all before it. */
    record PulseAnswer(long sentNanos) implements PeerFrame {}
}
