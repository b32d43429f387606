// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

/**
 * An offset found by its time. <i>Immutable.</i>
 *
 * @param timestampMs the timestamp of the record at the offset, in milliseconds since the epoch
 * @param leaderEpoch the leader's epoch when it answered
 */
public record OffsetAndTimestamp(long offset, long timestampMs, int leaderEpoch) {}
