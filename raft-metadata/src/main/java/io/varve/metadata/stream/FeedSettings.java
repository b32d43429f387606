// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.stream;

import java.time.Duration;

/**
 * @param historyDeltas how many deltas are kept for followers that are behind
 * @param historyRecords how many records these may have together; the newest delta is kept whatever it has
 * @param messageRecords how many records a message has at most, unless one delta has more
 * @param keepalive after how much silence a follower hears where this voter is
 */
public record FeedSettings(int historyDeltas, int historyRecords, int messageRecords, Duration keepalive) {

    public static final FeedSettings DEFAULT = new FeedSettings(10_000, 50_000, 500, Duration.ofMillis(500));

    public FeedSettings {
        if (historyDeltas < 1 || messageRecords < 1) {
            throw new IllegalArgumentException("a feed needs room for a delta and for a record");
        }
    }
}
