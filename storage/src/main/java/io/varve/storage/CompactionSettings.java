// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import java.time.Duration;

/**
 * Whether and when a log is compacted: of records with the same key only the last stays.
 *
 * @param enabled false for a log that is not compacted; the rest means nothing then
 * @param minDirtyRatio a pass is worth while when so much of the log, by bytes, was not compacted yet; 0 to 1
 * @param minLagMillis segments with a record younger than this are left alone, 0 for no limit
 * @param maxLagMillis a pass is due, whatever the ratio, when all records of a segment not yet compacted are older than this
 * @param deleteRetentionMillis a record without a value, which says that its key is deleted, goes this long after a pass has removed all that stood
 *     before it
 *     <p><i>immutable</i>
 */
public record CompactionSettings(
        boolean enabled, double minDirtyRatio, long minLagMillis, long maxLagMillis, long deleteRetentionMillis) {
    /** Not compacted. The numbers are Kafka's defaults. */
    public static final CompactionSettings OFF = new CompactionSettings(
            false, 0.5, 0, Long.MAX_VALUE, Duration.ofDays(1).toMillis());

    public CompactionSettings {
        if (!(minDirtyRatio >= 0 && minDirtyRatio <= 1)
                || minLagMillis < 0
                || maxLagMillis < 1
                || deleteRetentionMillis < 0) {
            throw new IllegalArgumentException("compaction settings out of range: ratio " + minDirtyRatio + ", lag "
                    + minLagMillis + " to " + maxLagMillis + " ms, delete retention " + deleteRetentionMillis + " ms");
        }
    }
}
