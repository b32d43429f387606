// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.client;

import io.varve.replication.Acks;

/** What a simulated producer relies on. */
public enum ProducerKind {
    IDEMPOTENT(Acks.ALL, true, 5),
    /** Keeps its order by having one batch under way at a time; a retry may store it twice. */
    ONE_IN_FLIGHT(Acks.ALL, false, 1),
    LEADER_ONLY(Acks.LEADER, false, 5),
    UNACKNOWLEDGED(Acks.NONE, false, 5);

    private final Acks acks;
    private final boolean idempotent;
    private final int maxInFlight;

    ProducerKind(Acks acks, boolean idempotent, int maxInFlight) {
        this.acks = acks;
        this.idempotent = idempotent;
        this.maxInFlight = maxInFlight;
    }

    public Acks acks() {
        return acks;
    }

    public boolean isIdempotent() {
        return idempotent;
    }

    public int maxInFlight() {
        return maxInFlight;
    }

    /** Whether its batches stay in order. */
    boolean isOrdered() {
        return idempotent || maxInFlight == 1;
    }
}
