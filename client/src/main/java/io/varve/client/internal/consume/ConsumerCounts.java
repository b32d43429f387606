// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.consume;

import io.varve.client.ConsumerMetrics;
import java.util.concurrent.atomic.LongAdder;

/** What a consumer counts. <i>Thread-safe.</i> */
final class ConsumerCounts {
    final LongAdder records = new LongAdder();
    final LongAdder received = new LongAdder();
    final LongAdder buffered = new LongAdder();
    final LongAdder reconnects = new LongAdder();

    ConsumerMetrics snapshot() {
        return new ConsumerMetrics(records.sum(), received.sum(), buffered.sum(), reconnects.sum());
    }
}
