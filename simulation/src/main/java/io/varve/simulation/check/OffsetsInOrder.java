// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

/**
 * The start of a log, its high watermark, and its flushed, written and staged ends come in this order, and a
 * high watermark never falls while its process runs, but by an unclean truncation.
 */
final class OffsetsInOrder extends Invariant {
    OffsetsInOrder(Evidence evidence) {
        super("I10", evidence);
    }

    @Override
    void touched(ReplicaMirror replica, ReplicaView view) {
        long start = view.logStartOffset();
        long highWatermark = view.highWatermark();
        long staged = view.stagedEndOffset();
        if (start > highWatermark
                || highWatermark > staged
                || view.flushedEndOffset() > view.writtenEndOffset()
                || view.writtenEndOffset() > staged) {
            fail(
                    replica.id(),
                    "node " + replica.node + ": log start " + start + ", high watermark " + highWatermark
                            + ", flushed " + view.flushedEndOffset() + ", written " + view.writtenEndOffset()
                            + ", staged " + staged
                            + " are out of order");
        }
        if (highWatermark < replica.highWatermark) {
            fail(
                    replica.id(),
                    "node " + replica.node + ": the high watermark fell from " + replica.highWatermark + " to "
                            + highWatermark);
        }
    }
}
