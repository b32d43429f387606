// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import java.util.List;

/**
 * Each batch of a log begins where the one before it ends, under the same epoch or a higher one.
 */
final class DenseOffsets extends Invariant {
    DenseOffsets(Evidence evidence) {
        super("I9", evidence);
    }

    @Override
    void appending(ReplicaMirror replica, BatchSeen batch) {
        check(replica, batch, replica.log.endOffset(), replica.log.lastEpoch());
    }

    @Override
    void recovered(ReplicaMirror replica, List<BatchSeen> found) {
        long end = found.isEmpty() ? 0 : found.get(0).baseOffset(); // what was before it is gone
        int epoch = 0;
        for (BatchSeen batch : found) {
            check(replica, batch, end, epoch);
            end = batch.endOffset();
            epoch = batch.leaderEpoch();
        }
    }

    private void check(ReplicaMirror replica, BatchSeen batch, long end, int epoch) {
        if (batch.baseOffset() != end || batch.endOffset() <= end || batch.leaderEpoch() < epoch) {
            fail(replica.id(), "node " + replica.node + ": " + batch + " follows offset " + end + " of epoch " + epoch);
        }
    }
}
