// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.client;

import io.varve.client.internal.producer.CoreSettings;
import java.util.List;

/**
 * How a simulated producer behaves. <i>Immutable.</i>
 *
 * @param number names it in the checks
 * @param nodes whom it may ask where a topic is
 * @param pauseNanos between two batches, on average
 * @param maxWaiting batches whose outcome is open; no more are made
 */
public record ProducerSetup(
        int number,
        ProducerKind kind,
        String topic,
        List<Integer> nodes,
        long pauseNanos,
        int maxWaiting,
        long deliveryTimeoutNanos,
        long requestTimeoutNanos) {
    private static final long UNKNOWN_TOPIC_GRACE_NANOS = 1_000_000_000;

    public ProducerSetup {
        nodes = List.copyOf(nodes);
    }

    CoreSettings core() {
        return new CoreSettings(
                kind.isIdempotent(),
                kind.acks() != io.varve.replication.Acks.NONE,
                kind.maxInFlight(),
                deliveryTimeoutNanos,
                requestTimeoutNanos,
                UNKNOWN_TOPIC_GRACE_NANOS);
    }
}
