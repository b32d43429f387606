// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

/**
 * What a reader wants. *Immutable.*
 *
 * @param offset of the first record wanted; the first batch may begin before it. Above the high watermark: waits
 * @param lastReadEpoch of the record read before {@code offset}, 0 for none: is it not this one here, the reader ends at once (P32)
 * @param leaderEpoch that the reader believes in, or {@link Append#ANY_EPOCH}
 * @param creditBytes how much may be delivered before {@link PartitionReader#addCredit}; at least one batch while above zero
 * @param windowBytes how much may be delivered and not yet be {@link PartitionReader#consumed}: what a slow receiver costs in memory
 */
public record ReadRequest(long offset, int lastReadEpoch, int leaderEpoch, long creditBytes, int windowBytes) {
    /** Without anything read before. */
    public ReadRequest(long offset, int leaderEpoch, long creditBytes, int windowBytes) {
        this(offset, 0, leaderEpoch, creditBytes, windowBytes);
    }
}
