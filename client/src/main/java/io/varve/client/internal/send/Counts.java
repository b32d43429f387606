// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.send;

import io.varve.client.ProducerMetrics;
import java.util.concurrent.atomic.LongAdder;

/** What a producer counts. <i>Thread-safe.</i> */
final class Counts {
    final LongAdder recordsSent = new LongAdder();
    final LongAdder recordsFailed = new LongAdder();
    final LongAdder batchesSent = new LongAdder();
    final LongAdder batchesRetried = new LongAdder();
    final LongAdder bytesSent = new LongAdder();

    ProducerMetrics snapshot(long bufferedBytes) {
        return new ProducerMetrics(
                recordsSent.sum(),
                recordsFailed.sum(),
                batchesSent.sum(),
                batchesRetried.sum(),
                bytesSent.sum(),
                bufferedBytes);
    }
}
