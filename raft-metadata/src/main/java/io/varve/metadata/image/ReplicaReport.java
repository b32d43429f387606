// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

/**
 * What a replica that leads nobody has of its partition (P31). *Immutable.*
 *
 * @param lastEpoch leader epoch of its last batch, 0 for an empty log
 * @param highWatermarkCheckpoint exclusive; as it was stored last
 */
public record ReplicaReport(int lastEpoch, long logEndOffset, long highWatermarkCheckpoint) {

    /** Whether it has no record: an empty disk may say so in place of one that had everything. */
    public boolean isEmpty() {
        return lastEpoch == 0 || logEndOffset == 0;
    }

    /** By the epoch of the last batch, then by the end: never by anything else. */
    public boolean hasMoreThan(ReplicaReport other) {
        return lastEpoch != other.lastEpoch ? lastEpoch > other.lastEpoch : logEndOffset > other.logEndOffset;
    }
}
