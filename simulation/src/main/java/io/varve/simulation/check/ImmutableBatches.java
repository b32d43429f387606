// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import java.util.List;

/**
 * A batch is the same, byte for byte, from the producer to the last reader: nothing is committed that nobody
 * sent, and what files hold is what was appended to them.
 */
final class ImmutableBatches extends Invariant {
    private static final int READ_IN_ROUNDS = 8;

    ImmutableBatches(Evidence evidence) {
        super("I22", evidence);
    }

    @Override
    void advanced(ReplicaMirror leader, ReplicaView view, int fromIndex) {
        for (int i = fromIndex; i < leader.partition.committed.size(); i++) {
            BatchSeen batch = leader.partition.committed.at(i);
            if (evidence.ledger.batch(batch.batchId()) == null) {
                fail(leader.id(), "nobody sent what is committed at " + batch);
            }
        }
    }

    @Override
    void full(long round) {
        someReplicas(round, READ_IN_ROUNDS, this::readBack);
    }

    private void readBack(ReplicaMirror replica, ReplicaView view) {
        List<BatchSeen> found = view.readBack();
        if (found == null) {
            return;
        }
        int first = found.isEmpty() ? 0 : replica.log.countBelow(found.get(0).baseOffset());
        for (int i = 0; i < found.size(); i++) {
            int at = first + i;
            if (at >= replica.log.size() || !replica.log.at(at).equals(found.get(i))) {
                fail(
                        replica.id(),
                        "node " + replica.node + " was given " + replica.log.describe(at) + ", its files have "
                                + found.get(i));
                return;
            }
        }
        long end = found.isEmpty()
                ? view.logStartOffset()
                : found.get(found.size() - 1).endOffset();
        if (end != view.writtenEndOffset()) {
            fail(
                    replica.id(),
                    "node " + replica.node + " has written up to " + view.writtenEndOffset() + ", its files end at "
                            + end);
        }
    }
}
