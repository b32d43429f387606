// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

import java.util.UUID;

/** One attempt to send a batch. The connection owes the core exactly one end for it: a result, or its loss. */
public final class Flight {
    final PartitionQueue queue;
    final int node;
    final long sentNanos;

    /** The connection has said what became of it, or is gone. */
    boolean ended;

    private final Batch batch;
    private final UUID topicId;
    private final int leaderEpoch;

    Flight(PartitionQueue queue, Batch batch, UUID topicId, long sentNanos) {
        this.queue = queue;
        this.batch = batch;
        this.topicId = topicId;
        this.node = queue.leader;
        this.leaderEpoch = queue.leaderEpoch;
        this.sentNanos = sentNanos;
    }

    public Batch batch() {
        return batch;
    }

    public UUID topicId() {
        return topicId;
    }

    public int partition() {
        return queue.partition();
    }

    /** The epoch of the leader that it is meant for; 0 for none. */
    public int leaderEpoch() {
        return leaderEpoch;
    }

    boolean counts() {
        return batch.flight == this;
    }
}
