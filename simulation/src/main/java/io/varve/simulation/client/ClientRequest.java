// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.client;

import io.varve.metadata.command.CommandBody;
import io.varve.replication.Acks;
import java.nio.ByteBuffer;
import java.util.UUID;

/** What a simulated client asks of a node. <i>Immutable.</i> */
public sealed interface ClientRequest {
    /** About how much it weighs on the network. */
    default int sizeBytes() {
        return 64;
    }

    /**
     * Append one batch.
     *
     * @param leaderEpoch of the leader that is meant, 0 for any
     * @param timeoutNanos from its arrival on; then the answer is that the outcome is unknown
     * @param batch a copy of its own, which the node may keep and change
     */
    record Produce(UUID topicId, int partition, int leaderEpoch, Acks acks, long timeoutNanos, ByteBuffer batch)
            implements ClientRequest {
        @Override
        public int sizeBytes() {
            return 64 + batch.remaining();
        }
    }

    /**
     * Read what is visible from {@code offset} on.
     *
     * @param leaderEpoch the highest that the client knows of, 0 for none: a leader of a lower one refuses (P32)
     * @param lastReadEpoch of the record before {@code offset}, 0 for none: a leader whose epoch chain says that this
     *     epoch ended below {@code offset} answers {@link ClientAnswer.Diverged} (P32)
     */
    record Fetch(UUID topicId, int partition, int leaderEpoch, long offset, int lastReadEpoch, int maxBytes)
            implements ClientRequest {}

    /** What is the latest offset? */
    record Latest(UUID topicId, int partition, int leaderEpoch) implements ClientRequest {}

    /** Who leads a topic, as this node knows it? */
    record Metadata(String topic) implements ClientRequest {}

    /** A producer id, please. */
    record ProducerId() implements ClientRequest {}

    /** For the active controller; another node refuses with NOT_CONTROLLER. */
    record Administer(CommandBody body) implements ClientRequest {}
}
