// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.Rules;
import io.varve.storage.EpochEntry;
import io.varve.storage.LogId;

/**
 * What every part of a leader needs for as long as one leader epoch lasts: what never changes, and what the newest metadata says of the nodes.
 * *Confined to the partition loop.*
 */
final class LedEpoch {
    final LogId partition;
    final int selfId;
    final int leaderEpoch;
    final long startOffset;
    final LeaderLog log;
    final LeaderOutput output;
    final AckTracker acks;
    final Rules rules;
    final LeaderSettings bounds;
    private Members members;
    private boolean over;

    LedEpoch(LeaderParts parts, int leaderEpoch, long startOffset, Members members) {
        this.partition = parts.partition();
        this.selfId = parts.selfId();
        this.log = parts.log();
        this.output = parts.output();
        this.acks = parts.acks();
        this.rules = parts.rules();
        this.bounds = parts.bounds();
        this.leaderEpoch = leaderEpoch;
        this.startOffset = startOffset;
        this.members = members;
    }

    Members members() {
        return members;
    }

    /** What was asked of the log comes too late: it may have been cut since. */
    boolean isOver() {
        return over;
    }

    void end() {
        over = true;
    }

    /** An older view than the one that is known is ignored (P3). */
    void members(Members newer) {
        if (newer.metadataIndex() >= members.metadataIndex()) {
            members = newer;
        }
    }

    /** The epoch of the record before {@code offset}, 0 if there is none (P11). */
    int epochBefore(long offset) {
        if (offset <= log.logStartOffset()) {
            return 0;
        }
        return EpochEntry.epochAt(log.epochChain(), offset - 1);
    }
}
