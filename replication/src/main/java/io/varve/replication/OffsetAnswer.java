// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

/** The answer to a question for an offset. *Immutable.* */
public sealed interface OffsetAnswer {
    /** The timestamp of a position that is not a record. */
    long NO_TIMESTAMP = -1;

    record Found(long offset, long timestampMillis, int leaderEpoch) implements OffsetAnswer {}

    record Refused(RejectReason reason, String message) implements OffsetAnswer {}
}
