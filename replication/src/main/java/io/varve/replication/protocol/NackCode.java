// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.protocol;

/** Why a follower did not do what a leader sent (P11: it always says so). */
public enum NackCode {
    /** The append does not begin where the follower's log ends. */
    GAP,
    /** The epoch of the record before the append is another one here. */
    EPOCH_MISMATCH,
    /** No such session is open here: the leader opens a new one. */
    UNKNOWN_SESSION,
    /** The leader epoch is over; {@code currentLeaderEpoch} says which one is known here. The leader stops and looks at the metadata (P2). */
    FENCED,
    /** The metadata of that epoch has not arrived here yet; nothing is adopted from a peer (P2). Try again. */
    UNKNOWN_EPOCH,
    /** This node holds no such replica, also after it waited for its metadata. */
    UNKNOWN_REPLICA,
    /** The message was for another incarnation of this node (P7). */
    STALE_INCARNATION,
    /** Too much waits here. Try again later. */
    BUSY,
    /** The bytes are damaged, or their headers contradict each other (P12): the leader checks its own copy (P34). */
    CORRUPT,
    /** The follower's disk takes no more for now. */
    STORAGE_ERROR
}
