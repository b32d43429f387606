// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

/**
 * The first record at or after an asked-for time: its offset, its own timestamp (milliseconds since 1970) and the leader epoch of its batch.
 *
 * <p><i>immutable</i>
 */
public record TimestampOffset(long offset, long timestampMillis, int leaderEpoch) {}
