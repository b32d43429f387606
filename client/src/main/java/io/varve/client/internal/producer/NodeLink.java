// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

import java.util.ArrayDeque;

/** What the core knows of its stream to a node. <i>Confined to the core's thread.</i> */
final class NodeLink {
    enum State {
        DOWN,
        CONNECTING,
        READY,
        /** Up, and full for the moment. */
        BUSY,
        /** Being broken off; its end is on the way. */
        RESETTING
    }

    final int node;
    State state = State.DOWN;
    int failures;
    long retryAtNanos;

    /** The node asked for a pause until then. */
    long holdUntilNanos;

    /** Pauses of earlier failures count no longer. */
    void retryNow(long now) {
        failures = 0;
        retryAtNanos = Math.min(retryAtNanos, now);
    }

    /** When the link may be used again, if that is only a matter of time. */
    long nextChanceNanos(long now) {
        if (state == State.DOWN) {
            return retryAtNanos;
        }
        return holdUntilNanos > now ? holdUntilNanos : PartitionQueue.NEVER;
    }

    /** Attempts that it owes an end for, oldest first; ended ones stay until they are first. Whether they still count is another matter. */
    private final ArrayDeque<Flight> owed = new ArrayDeque<>();

    NodeLink(int node) {
        this.node = node;
    }

    void owes(Flight flight) {
        owed.add(flight);
    }

    /** Nothing more comes from the stream. */
    void owesNothing() {
        owed.clear();
    }

    /** When the oldest attempt that has no end yet was sent; {@link PartitionQueue#NEVER} if there is none. */
    long silentSinceNanos() {
        Flight oldest = owed.peek();
        while (oldest != null && oldest.ended) {
            owed.remove();
            oldest = owed.peek();
        }
        return oldest == null ? PartitionQueue.NEVER : oldest.sentNanos;
    }
}
