// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.protocol;

/**
 * What the controller said to an {@link InSyncProposal}. *Immutable.*
 *
 * @param leaderEpoch and {@code partitionEpoch} of the proposal
 */
public record InSyncAnswer(int leaderEpoch, int partitionEpoch, Verdict verdict) {
    /** The verdicts. In none of them does the leader take over the new set by itself: that comes with the metadata. */
    public enum Verdict {
        /** Committed; the metadata with a higher partition epoch is on its way. */
        ACCEPTED,
        /** Refused by an entry that raised the partition epoch: a member may not be in sync at the moment (P20, P21). */
        INELIGIBLE,
        /** Refused by an entry that raised the partition epoch, for another reason. */
        INVALID,
        /** The proposal's epochs are not the current ones: newer metadata is on its way. The proposal stays pending (P22). */
        OUTDATED,
        /** No answer, or none that says what happened: the same proposal is sent again (P22). */
        UNKNOWN
    }
}
