// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

/**
 * Nothing at or above what is committed is ever dropped from the beginning of a log, and no log drops what no leader dropped.
 */
final class StartBelowCommitted extends Invariant {
    StartBelowCommitted(Evidence evidence) {
        super("I25", evidence);
    }

    @Override
    void touched(ReplicaMirror replica, ReplicaView view) {
        PartitionTruth partition = replica.partition;
        long start = view.logStartOffset();
        if (start > partition.decidedStart) {
            fail(
                    partition.id,
                    "node " + replica.node + ": the log begins at " + start + ", leaders dropped only what is below "
                            + partition.decidedStart);
        } else if (start > partition.committed.endOffset() && !partition.wasForgiven()) {
            fail(
                    partition.id,
                    "node " + replica.node + ": the log begins at " + start + ", committed is only what is below "
                            + partition.committed.endOffset());
        }
    }
}
