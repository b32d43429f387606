// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import org.jspecify.annotations.Nullable;

/**
 * How far a producer's timestamps may be from the leader's clock, in milliseconds; {@link Long#MAX_VALUE} for any distance. *Immutable.*
 *
 * @param beforeMaxMillis the topic's {@code message.timestamp.before.max.ms}
 * @param afterMaxMillis the topic's {@code message.timestamp.after.max.ms}
 */
public record TimestampBounds(long beforeMaxMillis, long afterMaxMillis) {
    /** Everything is allowed. */
    public static final TimestampBounds NONE = new TimestampBounds(Long.MAX_VALUE, Long.MAX_VALUE);

    /** What is wrong with one of a batch's timestamps, which is -1 for a record without one; null if nothing is. */
    public @Nullable String problem(long timestampMillis, long nowMillis) {
        long ahead = timestampMillis - nowMillis;
        if (timestampMillis < 0) {
            return null;
        }
        if (ahead > afterMaxMillis) {
            return "timestamp " + timestampMillis + " is " + ahead
                    + " ms ahead of this node's clock, message.timestamp.after.max.ms is " + afterMaxMillis;
        }
        if (-ahead > beforeMaxMillis) {
            return "timestamp " + timestampMillis + " is " + -ahead
                    + " ms behind this node's clock, message.timestamp.before.max.ms is " + beforeMaxMillis;
        }
        return null;
    }
}
