// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

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

    /** When the link may be used again, if that is only a matter of time. */
    long nextChanceNanos(long now) {
        if (state == State.DOWN) {
            return retryAtNanos;
        }
        return holdUntilNanos > now ? holdUntilNanos : PartitionQueue.NEVER;
    }

    NodeLink(int node) {
        this.node = node;
    }
}
