// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

/**
 * One batch at its place in a log. <i>Immutable.</i>
 *
 * @param endOffset exclusive
 * @param batchId as {@link BatchId} makes it of the bytes that never change
 */
public record BatchSeen(long baseOffset, long endOffset, int leaderEpoch, long batchId) {
    @Override
    public String toString() {
        return "[" + baseOffset + ", " + endOffset + ") epoch " + leaderEpoch + " id " + Long.toHexString(batchId);
    }
}
