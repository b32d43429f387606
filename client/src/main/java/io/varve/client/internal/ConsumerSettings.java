// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal;

import io.varve.client.OutOfRange;
import io.varve.client.Start;

/** A consumer's settings, checked. <i>Immutable.</i> */
public record ConsumerSettings(Start start, OutOfRange outOfRange, int maxPollRecords, long prefetchBytes) {
    public ConsumerSettings {
        Checks.range("maxPollRecords", maxPollRecords, 1, Integer.MAX_VALUE);
        Checks.range("prefetch (bytes)", prefetchBytes, 1, 1L << 40);
    }
}
