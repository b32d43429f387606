// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.RejectReason;

/** What the producer's history says about a batch (P38-P40). *Immutable.* */
sealed interface SequenceVerdict {
    /** The next one in order, or a batch without a producer. */
    Next NEXT = new Next();

    record Next() implements SequenceVerdict {}

    /** One of the last five, whole: to be acknowledged with its original place once that is committed (P39). */
    record Duplicate(long baseOffset, long endOffset) implements SequenceVerdict {}

    /** Appended before, so long ago that its offset is forgotten. Nobody can say here whether it is committed. */
    record Forgotten(String message) implements SequenceVerdict {}

    record Refused(RejectReason reason, String message) implements SequenceVerdict {}
}
