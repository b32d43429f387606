// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

/** What a consumer does when its position is outside what the partition has, by retention or by a wrong seek. */
public enum OutOfRange {
    /**
     * {@link Consumer#poll} throws {@link io.varve.client.errors.OffsetOutOfRangeException}, or
     * {@link io.varve.client.errors.LogTruncationException} if records that were read are gone; a seek goes on.
     */
    FAIL,
    /** Goes on at the nearest offset that exists, and logs a warning with both numbers. The default. */
    NEAREST_AND_REPORT
}
