// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

/**
 * What a producer sent after it was told that something else is stored comes after it, also without idempotence
 * if it has only one batch under way.
 */
final class ProducerOrder extends Invariant {
    ProducerOrder(Evidence evidence) {
        super("I17", evidence);
    }

    @Override
    void advanced(ReplicaMirror leader, ReplicaView view, int fromIndex) {
        PartitionTruth partition = leader.partition;
        for (int i = fromIndex; i < partition.committed.size(); i++) {
            BatchSeen batch = partition.committed.at(i);
            Ledger.Sent sent = evidence.ledger.batch(batch.batchId());
            if (sent != null && sent.sending().alone()) {
                long after = sent.values().sentAfter.getOrDefault(partition.id, 0L);
                if (batch.baseOffset() < after) {
                    fail(
                            partition.id,
                            sent.sending() + " is committed at " + batch
                                    + ", before what its producer knew to be stored below " + after);
                }
            }
        }
    }
}
