// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import java.time.Duration;

/**
 * What one client can make the node hold, and for how long. *Immutable.*
 *
 * @param maxBatchBytes the largest batch that any topic may allow
 * @param streamBytes batches of one produce stream that wait for their result before the stream is not read any more; a group of requests that is
 *     already granted may exceed it by {@value ProduceStream#GROUP} batches
 * @param unsentResultsMax results that a client has not read before its stream is not read any more
 * @param subscriptionsMax of one stream
 * @param stallTimeout a client that has read nothing for so long, while there was something for it, is disconnected
 * @param defaultTimeout how long an append may wait when the client does not say
 */
public record DataLimits(
        int maxBatchBytes,
        long streamBytes,
        int unsentResultsMax,
        int subscriptionsMax,
        Duration stallTimeout,
        Duration defaultTimeout) {
    /** No append waits longer, whatever the client says. */
    static final Duration TIMEOUT_MAX = Duration.ofMinutes(10);

    public static DataLimits forBatchesUpTo(int maxBatchBytes) {
        return new DataLimits(maxBatchBytes, 16L << 20, 1024, 10_000, Duration.ofSeconds(60), Duration.ofSeconds(30));
    }

    public DataLimits withStreamBytes(long value) {
        return new DataLimits(maxBatchBytes, value, unsentResultsMax, subscriptionsMax, stallTimeout, defaultTimeout);
    }

    public DataLimits withStallTimeout(Duration value) {
        return new DataLimits(maxBatchBytes, streamBytes, unsentResultsMax, subscriptionsMax, value, defaultTimeout);
    }
}
