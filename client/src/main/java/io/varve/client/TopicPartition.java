// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

/**
 * A partition by topic name and number. <i>Immutable.</i>
 *
 * @param partition from 0
 */
public record TopicPartition(String topic, int partition) {
    public TopicPartition {
        if (topic.isEmpty()) {
            throw new IllegalArgumentException("topic name is empty");
        }
        if (partition < 0) {
            throw new IllegalArgumentException(
                    "partition " + partition + " of topic " + topic + ": partitions are numbered from 0");
        }
    }

    public static TopicPartition of(String topic, int partition) {
        return new TopicPartition(topic, partition);
    }

    @Override
    public String toString() {
        return topic + "-" + partition;
    }
}
