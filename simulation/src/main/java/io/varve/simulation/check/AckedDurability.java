// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.replication.Acks;

/**
 * Whatever was acknowledged with acks=all is committed at the offset that was named, for ever; with the
 * committed records being in every later leader's log, that is where every reader finds it.
 */
final class AckedDurability extends Invariant {
    AckedDurability(Evidence evidence) {
        super("I1", evidence);
    }

    @Override
    void acked(PartitionTruth partition, long batchId, Sending sending, long baseOffset) {
        if (sending.acks() != Acks.ALL || baseOffset < 0 || partition.wasForgiven()) {
            return;
        }
        int index = partition.committed.indexOf(baseOffset);
        if (index < 0 || partition.committed.at(index).batchId() != batchId) {
            fail(
                    partition.id,
                    sending + " was acknowledged at offset " + baseOffset + ", where "
                            + (index < 0
                                    ? "nothing begins; committed is everything below " + partition.committed.endOffset()
                                    : partition.committed.describe(index) + " is committed"));
        }
    }
}
