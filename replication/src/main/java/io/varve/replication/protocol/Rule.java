// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.protocol;

/**
 * The rules of replication that can be switched off, one by one, to show that a simulation notices: each is named after what happens without it. A node
 * keeps them all.
 */
public enum Rule {
    /** P7: an Open is bound to one incarnation of the follower. */
    NO_TARGET_INCARNATION,
    /** P7: an Ack counts only from the session and incarnation that it was given to. */
    NO_BROKER_EPOCH_ACK,
    /** P4: an Ack of an older epoch counts for nothing. */
    ACK_ANY_EPOCH,
    /** P2: an epoch is never adopted from a peer. */
    ADOPT_EPOCH_FROM_PEER,
    /** P22: an unanswered proposal stays pending. */
    ROLLBACK_ON_TIMEOUT,
    /** P4: match offsets do not survive a new epoch. */
    MATCH_NOT_RESET,
    /** P5: a waiting append does not survive its epoch. */
    PENDING_SURVIVES_EPOCH,
    /** P2: a follower checks the leader epoch. */
    NO_EPOCH_CHECK_FOLLOWER,
    /** P9: a session truncates once. */
    TRUNC_REPEATABLE,
    /** P10, P41: the producers' state is truncated with the log. */
    PRODUCER_STATE_NOT_ROLLED_BACK,
    /** P41: a follower that has no record is told of the producers whose records are gone. */
    PRODUCERS_NOT_SHIPPED,
    /** P10: the high watermark rises only after the truncation. */
    HW_BEFORE_TRUNCATE,
    /** P19: nobody joins below the start of the leader's epoch. */
    NO_LESO_CHECK,
    /** P11: an unknown session is refused aloud. */
    NO_NACK_UNKNOWN_SESSION,
    /** P22: a replica that is being added counts. */
    NO_MAXIMAL_EXPAND,
    /** P7, P9: sessions are checked. */
    NO_SESSION_CHECK,
    /** P8: the logs are compared before anything is appended. */
    SKIP_DIVERGENCE,
    /** P17: the latest offset is unknown until the high watermark has reached the start of the epoch. */
    LATEST_BEFORE_LESO,
    /** P18: only what is below the high watermark is visible. */
    READ_TO_LEO,
    /** P8: a follower is cut where the logs diverge, not at its own high watermark. */
    TRUNCATE_TO_HW,
    /** P15: the high watermark moves only with enough replicas in sync. */
    HW_BELOW_MINISR,
    /** P22: a replica that is being removed counts until that is committed. */
    SHRINK_EAGER,
    /** P39: a duplicate is acknowledged only when its original is committed. */
    DUP_ACKED_UNCOMMITTED,
    /** P36: what was pushed is never dropped within an epoch; the leader resigns. */
    ROLLBACK_AFTER_PUSH
}
