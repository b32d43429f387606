// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

/**
 * What a pass of compaction did.
 *
 * @param keys distinct keys that the pass noted
 * @param complete false if the map of keys was too small for all that could have been compacted: another pass is due
 * @param compactedTo below this offset only the last record of each key is left
 * @param bytesRead of the log, more than once if need be
 * @param bytesWritten to new segments
 * @param recordsRemoved superseded records, and tombstones that had their time
 * @param sizeBytesBefore of the segments that were replaced
 * @param sizeBytesAfter of those that took their place
 *     <p><i>immutable</i>
 */
public record CompactionReport(
        long keys,
        boolean complete,
        long compactedTo,
        long bytesRead,
        long bytesWritten,
        long recordsRemoved,
        long sizeBytesBefore,
        long sizeBytesAfter) {}
