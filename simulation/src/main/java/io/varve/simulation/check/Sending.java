// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.replication.Acks;

/**
 * What a producer knows of a batch that it sends. <i>Immutable.</i> A batch that is sent under another sequence has
 * another id and the same values.
 *
 * @param producer number of the simulated producer
 * @param firstValue its records carry the values from here on, each one once per producer and partition, rising
 * @param producerId -1 without idempotence; so the epoch and the sequence
 * @param alone whether the producer keeps at most one batch in flight, or is idempotent: its batches stay in order (I17)
 */
public record Sending(
        int producer,
        long firstValue,
        int count,
        Acks acks,
        long producerId,
        short producerEpoch,
        int baseSequence,
        boolean alone) {
    public boolean isIdempotent() {
        return producerId >= 0;
    }

    @Override
    public String toString() {
        return "producer " + producer + " values " + firstValue + "+" + count
                + (isIdempotent()
                        ? " (id " + producerId + " epoch " + producerEpoch + " sequence " + baseSequence + ")"
                        : "")
                + " acks " + acks;
    }
}
