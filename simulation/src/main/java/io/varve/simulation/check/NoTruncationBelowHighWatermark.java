// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.metadata.image.PartitionImage;

/**
 * A log is never cut below the high watermark of its replica, but after an unclean election that is newer than
 * its last epoch.
 */
final class NoTruncationBelowHighWatermark extends Invariant {
    NoTruncationBelowHighWatermark(Evidence evidence) {
        super("I6", evidence);
    }

    @Override
    void truncating(ReplicaMirror replica, long newEndOffset) {
        PartitionImage image = replica.partition.image;
        long highWatermark = replica.highWatermark;
        // A log that failed drops what it never had written, and says so the same way.
        if (newEndOffset < highWatermark
                && evidence.sound(replica) != null
                && (image == null || image.lastUncleanEpoch() <= replica.log.lastEpoch())) {
            fail(
                    replica.id(),
                    "node " + replica.node + " cuts its log to " + newEndOffset + ", below its high watermark "
                            + highWatermark);
        }
    }
}
