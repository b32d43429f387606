// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

/**
 * Counts since a producer was built.
 *
 * @param recordsSent records acknowledged
 * @param recordsFailed records failed, for whatever reason
 * @param batchesSent batches handed to connections, retries included
 * @param batchesRetried of these, those sent again
 * @param bytesSent bytes of batches handed to connections, after compression, retries included
 * @param bufferedBytes bytes of buffer memory in use now
 */
public record ProducerMetrics(
        long recordsSent,
        long recordsFailed,
        long batchesSent,
        long batchesRetried,
        long bytesSent,
        long bufferedBytes) {}
