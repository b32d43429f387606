// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

/**
 * The rules of the metadata that can be switched off, one by one, to show that a simulation notices: each is named after what happens without it. A
 * voter keeps them all.
 */
public enum MachineRule {
    /** P21: a refusal after which the leader may go back is committed and raises the partition epoch. */
    REJECT_NO_BUMP,
    /** P20, P21: a proposal holds for the registrations it was made for: those of its members, and the leader's own. */
    NO_BROKER_EPOCH_AP,
    /** P21: a proposal holds for the partition epoch it was made in. */
    NO_PE_CAS,
    /** P24: the last in-sync member leaves the isr when it is fenced, and is remembered in the elr. */
    OLD_KAFKA_NO_ELR_LAST_STANDING,
    /** P28: a registration takes the node out of every isr, and costs it all leadership. */
    UNCLEAN_KEEPS_ISR,
    /** P28: a replica that may have lost its tail leaves the elr. */
    UNCLEAN_KEEPS_ELR,
    /** P24: an isr that is large enough empties the elr. */
    ELR_NOT_CLEARED
}
