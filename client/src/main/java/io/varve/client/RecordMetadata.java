// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

/**
 * Where a record went. <i>Immutable.</i>
 *
 * @param offset its offset, or {@link #NO_OFFSET}
 * @param timestampMs its timestamp in milliseconds since the epoch: the producer's, or the leader's if the topic's
 *     timestamp type is LogAppendTime
 */
public record RecordMetadata(String topic, int partition, long offset, long timestampMs) {
    /** The offset of a record that was sent with {@link Acks#NONE}, or that the leader had but forgot where. */
    public static final long NO_OFFSET = -1;

    public boolean hasOffset() {
        return offset != NO_OFFSET;
    }

    public TopicPartition topicPartition() {
        return new TopicPartition(topic, partition);
    }
}
