// SPDX-License-Identifier: Apache-2.0
package io.varve.it.history;

/**
 * A record as a consumer read it from the beginning. <i>Immutable.</i>
 *
 * @param sequence what the payload says it is, or {@link #UNREADABLE}
 */
public record ConsumedRecord(long offset, long sequence, long hash) {
    /** The payload does not even carry a sequence. */
    public static final long UNREADABLE = -1;
}
