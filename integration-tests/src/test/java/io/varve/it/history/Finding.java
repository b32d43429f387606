// SPDX-License-Identifier: Apache-2.0
package io.varve.it.history;

/** One broken promise. <i>Immutable.</i> */
public record Finding(Kind kind, String text) {
    public enum Kind {
        /** Acknowledged, and not there. */
        LOST,
        /** There more than once. */
        DUPLICATED,
        /** There after a record that was sent later. */
        REORDERED,
        /** Bytes that nobody sent. */
        CORRUPT,
        /** Acknowledged at another offset than it has. */
        MOVED,
        /** Refused, and there all the same. */
        REFUSED_BUT_STORED,
        /** Offsets are not one after another. */
        GAP,
        /** A consumer was given what is not in the log, or not there. */
        UNCOMMITTED_READ,
        /** A consumer that was there all the time was not given everything. */
        UNSEEN,
        /** Two replicas have different bytes at a committed offset. */
        REPLICAS_DIFFER
    }

    @Override
    public String toString() {
        return kind + " " + text;
    }
}
