// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

/**
 * Counts since a consumer was built.
 *
 * @param recordsConsumed records returned by poll
 * @param bytesReceived bytes of batches that arrived, as stored
 * @param bufferedBytes of these, those not yet returned by poll
 * @param reconnects streams that were opened again after they broke
 */
public record ConsumerMetrics(long recordsConsumed, long bytesReceived, long bufferedBytes, long reconnects) {}
