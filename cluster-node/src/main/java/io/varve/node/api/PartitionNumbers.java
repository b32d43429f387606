// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

/**
 * A partition as its leader on this node sees it. <i>Immutable.</i>
 *
 * @param logStartOffset the first offset that still exists
 * @param highWatermark end of the committed records (exclusive)
 * @param logEndOffset end of the log (exclusive)
 * @param flushedEndOffset end of what is on disk (exclusive)
 * @param sizeBytes of the log
 * @param status "ok", or the reason why not
 */
public record PartitionNumbers(
        long logStartOffset,
        long highWatermark,
        long logEndOffset,
        long flushedEndOffset,
        long sizeBytes,
        String status) {}
