// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

/**
 * What became of an append. *Immutable.*
 */
public sealed interface AppendResult {
    /** The time of a batch whose topic does not stamp the leader's clock. */
    long NO_TIME = -1;

    /**
     * It is as safe as its acks asked for.
     *
     * @param baseOffset of the batch's first record; for a duplicate, that of the original
     * @param logAppendTimeMillis since 1970, or {@link #NO_TIME}
     * @param logStartOffset the first offset that still exists
     */
    record Appended(long baseOffset, long logAppendTimeMillis, long logStartOffset) implements AppendResult {}

    /** No offset was assigned: it never becomes visible (I19). */
    record Rejected(RejectReason reason, String message) implements AppendResult {}

    /** It has, or may have, a place in the log, and may or may not survive. Only an idempotent retry is safe. */
    record Indeterminate(RejectReason reason, String message) implements AppendResult {}
}
