// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

/**
 * A position turned into an offset. <i>Immutable.</i>
 *
 * @param timestampMs of the record found by its time; {@link #NO_TIMESTAMP} if the position is not a time or no record
 *     is that late (then the offset is the end)
 */
public record ListedOffset(long offset, long timestampMs, int leaderEpoch) {
    public static final long NO_TIMESTAMP = -1;
}
