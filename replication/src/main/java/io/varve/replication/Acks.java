// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

/** What an append waits for before its completion is called. */
public enum Acks {
    /** The kernel has it. The producer hears nothing; the completion still comes, so that memory can be accounted for. */
    NONE,
    /** The leader has it by the topic's durability: written or flushed. It is not yet visible to readers. */
    LEADER,
    /** It is committed: every member of the in-sync set has it by the topic's durability, and that set has its minimum size. */
    ALL
}
