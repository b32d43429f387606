// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.time.Instant;

/** Where to begin reading a partition. <i>Immutable.</i> */
public sealed interface Start {
    /** The first record that still exists. */
    Start EARLIEST = new Earliest();

    /** The end: only records that are committed after the position was resolved. */
    Start LATEST = new Latest();

    /** Nowhere: reading fails until a position was given by a seek. */
    Start NONE = new None();

    /** The first record with this timestamp or a later one; the end if there is none. */
    static Start at(Instant time) {
        return new At(time);
    }

    /** A given offset. */
    static Start offset(long offset) {
        return new Offset(offset);
    }

    /** See {@link #EARLIEST}. */
    record Earliest() implements Start {}

    /** See {@link #LATEST}. */
    record Latest() implements Start {}

    /** See {@link #NONE}. */
    record None() implements Start {}

    /** See {@link #at}. */
    record At(Instant time) implements Start {}

    /** See {@link #offset(long)}. */
    record Offset(long offset) implements Start {
        public Offset {
            if (offset < 0) {
                throw new IllegalArgumentException("offset " + offset + " is negative");
            }
        }
    }
}
