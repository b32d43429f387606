// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import java.time.Duration;

/**
 * What one log needs to know of its topic's configuration. All but {@code durability} can change while the log runs ({@link PartitionLog#configure}).
 *
 * @param durability what an acknowledgement stands on; fixed when the topic is created
 * @param segmentSizeBytes a segment that would grow beyond this is rolled; a larger batch gets a segment of its own
 * @param segmentAge a segment older than this is rolled by the next {@link PartitionLog#tidy}
 * @param indexIntervalBytes at most one index entry per this many bytes of log
 * @param maxBatchBytes no batch on disk is larger; a larger length is damage
 * @param retentionBytes oldest segments are deleted while the log stays at least this large, {@link #UNLIMITED} for never
 * @param retentionMillis records older than this are dropped, batch by batch from the oldest on, {@link #UNLIMITED} for never
 * @param compaction whether only the last record of each key stays
 *     <p><i>immutable</i>
 */
public record LogSettings(
        Durability durability,
        int segmentSizeBytes,
        Duration segmentAge,
        int indexIntervalBytes,
        int maxBatchBytes,
        long retentionBytes,
        long retentionMillis,
        CompactionSettings compaction) {

    /** No limit, for {@link #retentionBytes} and {@link #retentionMillis}. */
    public static final long UNLIMITED = -1;

    /** Kafka's defaults where it has them, and flushed. A batch may exceed max.message.bytes that was lowered later, hence the generous limit. */
    public static final LogSettings DEFAULT = new LogSettings(
            Durability.FLUSHED,
            1 << 30,
            Duration.ofDays(7),
            4096,
            64 << 20,
            UNLIMITED,
            Duration.ofDays(7).toMillis(),
            CompactionSettings.OFF);

    public LogSettings {
        check(segmentSizeBytes >= 128, "segmentSizeBytes", segmentSizeBytes);
        check(!segmentAge.isNegative() && !segmentAge.isZero(), "segmentAge", segmentAge);
        check(indexIntervalBytes >= 0, "indexIntervalBytes", indexIntervalBytes);
        check(maxBatchBytes >= 61, "maxBatchBytes", maxBatchBytes);
        check(retentionBytes >= UNLIMITED, "retentionBytes", retentionBytes);
        check(retentionMillis >= UNLIMITED, "retentionMillis", retentionMillis);
    }

    private static void check(boolean holds, String name, Object value) {
        if (!holds) {
            throw new IllegalArgumentException(name + " " + value + " is out of range");
        }
    }

    public LogSettings withDurability(Durability value) {
        return new LogSettings(
                value,
                segmentSizeBytes,
                segmentAge,
                indexIntervalBytes,
                maxBatchBytes,
                retentionBytes,
                retentionMillis,
                compaction);
    }

    public LogSettings withSegmentSizeBytes(int value) {
        return new LogSettings(
                durability,
                value,
                segmentAge,
                indexIntervalBytes,
                maxBatchBytes,
                retentionBytes,
                retentionMillis,
                compaction);
    }

    public LogSettings withSegmentAge(Duration value) {
        return new LogSettings(
                durability,
                segmentSizeBytes,
                value,
                indexIntervalBytes,
                maxBatchBytes,
                retentionBytes,
                retentionMillis,
                compaction);
    }

    public LogSettings withIndexIntervalBytes(int value) {
        return new LogSettings(
                durability,
                segmentSizeBytes,
                segmentAge,
                value,
                maxBatchBytes,
                retentionBytes,
                retentionMillis,
                compaction);
    }

    public LogSettings withMaxBatchBytes(int value) {
        return new LogSettings(
                durability,
                segmentSizeBytes,
                segmentAge,
                indexIntervalBytes,
                value,
                retentionBytes,
                retentionMillis,
                compaction);
    }

    public LogSettings withRetention(long bytes, long millis) {
        return new LogSettings(
                durability, segmentSizeBytes, segmentAge, indexIntervalBytes, maxBatchBytes, bytes, millis, compaction);
    }

    public LogSettings withCompaction(CompactionSettings value) {
        return new LogSettings(
                durability,
                segmentSizeBytes,
                segmentAge,
                indexIntervalBytes,
                maxBatchBytes,
                retentionBytes,
                retentionMillis,
                value);
    }
}
