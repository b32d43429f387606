// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import java.util.List;

/**
 * Whatever a consumer was given is committed at that offset, then and for ever.
 */
final class StableVisiblePrefix extends Invariant {
    StableVisiblePrefix(Evidence evidence) {
        super("I11", evidence);
    }

    @Override
    void read(int consumer, PartitionTruth partition, List<BatchSeen> batches) {
        for (BatchSeen batch : batches) {
            int index = partition.committed.indexOf(batch.baseOffset());
            boolean same = index >= 0 && partition.committed.at(index).equals(batch);
            if (!same && !partition.wasForgiven(batch.baseOffset(), batch.leaderEpoch())) {
                fail(
                        partition.id,
                        "consumer " + consumer + " was given " + batch + ", committed is "
                                + (index < 0
                                        ? "only what is below " + partition.committed.endOffset()
                                        : partition.committed.describe(index)));
            }
        }
    }

    @Override
    void diverged(int consumer, PartitionTruth partition, long position, long endOffset) {
        if (!partition.wasForgiven()) {
            fail(
                    partition.id,
                    "consumer " + consumer + " had read up to " + position + " and is told that this log departs at "
                            + endOffset + ", though nothing was given up");
        }
    }
}
