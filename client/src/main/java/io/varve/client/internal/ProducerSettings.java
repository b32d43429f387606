// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal;

import io.varve.client.Acks;
import io.varve.client.BufferFull;
import io.varve.client.Codec;
import java.time.Duration;

/** A producer's settings, checked. <i>Immutable.</i> */
public record ProducerSettings(
        Acks acks,
        boolean idempotent,
        Duration linger,
        int batchSizeBytes,
        Codec codec,
        Duration deliveryTimeout,
        long bufferMemoryBytes,
        BufferFull bufferFull) {
    public ProducerSettings {
        Checks.range("linger (ms)", linger.toMillis(), 0, 60_000);
        Checks.range("batchSize (bytes)", batchSizeBytes, 1, 16 << 20);
        Checks.range("deliveryTimeout (ms)", deliveryTimeout.toMillis(), 1, 24 * 3_600_000L);
        Checks.range("bufferMemory (bytes)", bufferMemoryBytes, batchSizeBytes, 1L << 40);
        if (deliveryTimeout.compareTo(linger) < 0) {
            throw new IllegalArgumentException(
                    "deliveryTimeout " + deliveryTimeout + " is shorter than linger " + linger);
        }
    }
}
