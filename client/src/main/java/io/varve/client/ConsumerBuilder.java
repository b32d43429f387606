// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import io.varve.client.internal.ConsumerSettings;
import java.util.function.Function;

/** Settings of a {@link Consumer}; all have defaults. <i>Not thread-safe.</i> */
public final class ConsumerBuilder<K, V> {
    private final Function<ConsumerBuilder<K, V>, Consumer<K, V>> factory;
    private Start start = Start.NONE;
    private OutOfRange outOfRange = OutOfRange.NEAREST_AND_REPORT;
    private int maxPollRecords = 500;
    private long prefetchBytes = 8L << 20;

    ConsumerBuilder(Function<ConsumerBuilder<K, V>, Consumer<K, V>> factory) {
        this.factory = factory;
    }

    /** Where a partition begins that is assigned without a seek; {@link Start#NONE} unless set. */
    public ConsumerBuilder<K, V> startFrom(Start value) {
        start = value;
        return this;
    }

    /** What happens when a position does not exist; {@link OutOfRange#NEAREST_AND_REPORT} unless set. */
    public ConsumerBuilder<K, V> onOutOfRange(OutOfRange value) {
        outOfRange = value;
        return this;
    }

    /** Records that one poll returns at most; 500 unless set. */
    public ConsumerBuilder<K, V> maxPollRecords(int value) {
        maxPollRecords = value;
        return this;
    }

    /** Bytes of batches that nodes may send ahead of poll, all partitions together; 8 MiB unless set. */
    public ConsumerBuilder<K, V> prefetch(long bytes) {
        prefetchBytes = bytes;
        return this;
    }

    /**
     * Makes the consumer, without talking to a node yet.
     *
     * @throws IllegalArgumentException for a setting out of range
     */
    public Consumer<K, V> build() {
        settings();
        return factory.apply(this);
    }

    ConsumerSettings settings() {
        return new ConsumerSettings(start, outOfRange, maxPollRecords, prefetchBytes);
    }
}
