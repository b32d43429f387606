// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import io.varve.client.errors.InvalidRequiredAcksException;
import io.varve.client.internal.ProducerSettings;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link Producer}; all have defaults. <i>Not thread-safe.</i> */
public final class ProducerBuilder<K, V> {
    private final Function<ProducerBuilder<K, V>, Producer<K, V>> factory;
    private Acks acks = Acks.ALL;
    private @Nullable Boolean idempotent;
    private Duration linger = Duration.ofMillis(2);
    private int batchSizeBytes = 64 << 10;
    private Codec codec = Codec.NONE;
    private Duration deliveryTimeout = Duration.ofSeconds(30);
    private long bufferMemoryBytes = 64L << 20;
    private BufferFull bufferFull = BufferFull.FAIL;

    ProducerBuilder(Function<ProducerBuilder<K, V>, Producer<K, V>> factory) {
        this.factory = factory;
    }

    /** When a record counts as taken; {@link Acks#ALL} unless set. Anything else turns idempotence off. */
    public ProducerBuilder<K, V> acks(Acks value) {
        acks = value;
        return this;
    }

    /**
     * Whether each record is stored once and in order however often it is retried; on unless set, or unless acks are
     * not {@link Acks#ALL}.
     */
    public ProducerBuilder<K, V> idempotent(boolean value) {
        idempotent = value;
        return this;
    }

    /** How long a batch that is not full waits for more records; 2 ms unless set, zero for not at all. */
    public ProducerBuilder<K, V> linger(Duration value) {
        linger = value;
        return this;
    }

    /** The size in bytes at which a batch is full, before compression; 64 KiB unless set. */
    public ProducerBuilder<K, V> batchSize(int bytes) {
        batchSizeBytes = bytes;
        return this;
    }

    public ProducerBuilder<K, V> compression(Codec value) {
        codec = value;
        return this;
    }

    /** How long after its send a record's outcome is known at the latest, retries included; 30 s unless set. */
    public ProducerBuilder<K, V> deliveryTimeout(Duration value) {
        deliveryTimeout = value;
        return this;
    }

    /** Bytes of records under way, at most; 64 MiB unless set. */
    public ProducerBuilder<K, V> bufferMemory(long bytes) {
        bufferMemoryBytes = bytes;
        return this;
    }

    /** What a send does when the buffer memory is taken; {@link BufferFull#FAIL} unless set. */
    public ProducerBuilder<K, V> onBufferFull(BufferFull value) {
        bufferFull = value;
        return this;
    }

    /**
     * Starts the producer, without talking to a node yet.
     *
     * @throws InvalidRequiredAcksException if idempotence was asked for without {@link Acks#ALL}
     * @throws IllegalArgumentException for a setting out of range
     */
    public Producer<K, V> build() {
        settings();
        return factory.apply(this);
    }

    ProducerSettings settings() {
        if (Boolean.TRUE.equals(idempotent) && acks != Acks.ALL) {
            throw new InvalidRequiredAcksException(new ErrorDetails(
                    ErrorCode.INVALID_ARGUMENT,
                    "INVALID_REQUIRED_ACKS",
                    "an idempotent producer needs acks=all, but has acks=" + acks,
                    "use acks=all, or turn idempotence off",
                    false,
                    Outcome.NOT_APPLIED,
                    Map.of("acks", acks.toString()),
                    null));
        }
        boolean effective = idempotent == null ? acks == Acks.ALL : idempotent;
        return new ProducerSettings(
                acks, effective, linger, batchSizeBytes, codec, deliveryTimeout, bufferMemoryBytes, bufferFull);
    }
}
