// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record that was read. <i>Immutable</i>, as far as its key and value are.
 *
 * @param timestampMs milliseconds since the epoch
 * @param leaderEpoch the epoch of the leader that appended it
 */
public record ConsumerRecord<K, V>(
        String topic,
        int partition,
        long offset,
        long timestampMs,
        int leaderEpoch,
        @Nullable K key,
        @Nullable V value,
        List<Header> headers) {

    public TopicPartition topicPartition() {
        return new TopicPartition(topic, partition);
    }
}
