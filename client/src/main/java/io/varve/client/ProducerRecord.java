// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record to send. <i>Immutable</i>, as far as its key and value are.
 *
 * @param topic the topic's name
 * @param partition the partition wanted; null for: by the key, or any one without a key
 * @param timestampMs milliseconds since the epoch; null for the time of the send
 * @param key may be null; records of one key keep their order
 * @param value may be null
 */
public record ProducerRecord<K, V>(
        String topic,
        @Nullable Integer partition,
        @Nullable Long timestampMs,
        @Nullable K key,
        @Nullable V value,
        List<Header> headers) {

    public ProducerRecord {
        if (topic.isEmpty()) {
            throw new IllegalArgumentException("topic name is empty");
        }
        if (partition != null && partition < 0) {
            throw new IllegalArgumentException(
                    "partition " + partition + " of topic " + topic + ": partitions are numbered from 0");
        }
        if (timestampMs != null && timestampMs < 0) {
            throw new IllegalArgumentException("timestamp " + timestampMs + " of a record for topic " + topic
                    + " is negative; it counts milliseconds since 1970");
        }
        headers = List.copyOf(headers);
    }

    /** A record with a key. */
    public static <K, V> ProducerRecord<K, V> of(String topic, @Nullable K key, @Nullable V value) {
        return new ProducerRecord<>(topic, null, null, key, value, List.of());
    }

    /** A record without a key. */
    public static <K, V> ProducerRecord<K, V> of(String topic, @Nullable V value) {
        return new ProducerRecord<>(topic, null, null, null, value, List.of());
    }

    /** The same record for a given partition. */
    public ProducerRecord<K, V> partition(int number) {
        return new ProducerRecord<>(topic, number, timestampMs, key, value, headers);
    }

    /** The same record with a time of its own, in milliseconds since the epoch. */
    public ProducerRecord<K, V> timestamp(long millis) {
        return new ProducerRecord<>(topic, partition, millis, key, value, headers);
    }

    /** The same record with one header more. */
    public ProducerRecord<K, V> header(Header header) {
        List<Header> more = new ArrayList<>(headers);
        more.add(header);
        return new ProducerRecord<>(topic, partition, timestampMs, key, value, more);
    }

    /** The same record with one header more, its value the text's UTF-8 bytes. */
    public ProducerRecord<K, V> header(String name, String value) {
        return header(Header.of(name, value));
    }
}
