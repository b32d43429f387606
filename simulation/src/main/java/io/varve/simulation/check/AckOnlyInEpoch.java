// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.replication.Acks;

/**
 * An append is acknowledged only by a leader in the epoch in which it took it, for the batch that it was sent;
 * with acks=all only below the high watermark.
 */
final class AckOnlyInEpoch extends Invariant {
    AckOnlyInEpoch(Evidence evidence) {
        super("I15", evidence);
    }

    @Override
    void answered(ReplicaMirror replica, Answer answer) {
        ReplicaView view = evidence.cluster.replica(replica.node, replica.id());
        if (answer.acks() == Acks.NONE) {
            return;
        }
        if (view == null || !view.isLeading() || view.leaderEpoch() != answer.appendEpoch()) {
            fail(
                    replica.id(),
                    "node " + replica.node + " acknowledges offset " + answer.baseOffset() + " that it took in epoch "
                            + answer.appendEpoch()
                            + (view == null
                                    ? ", but has no replica"
                                    : view.isLeading()
                                            ? " while it leads in " + view.leaderEpoch()
                                            : " and does not lead"));
            return;
        }
        int index = replica.log.indexOf(answer.baseOffset());
        if (index < 0 || replica.log.at(index).batchId() != answer.batchId()) {
            fail(
                    replica.id(),
                    "node " + replica.node + " acknowledges batch " + Long.toHexString(answer.batchId())
                            + " at offset " + answer.baseOffset() + ", where it has "
                            + (index < 0 ? "none" : replica.log.describe(index)));
            return;
        }
        long end = replica.log.at(index).endOffset();
        if (answer.acks() == Acks.ALL && end > view.highWatermark()) {
            fail(
                    replica.id(),
                    "node " + replica.node + " acknowledges offsets up to " + end + ", its high watermark is "
                            + view.highWatermark());
        }
    }
}
