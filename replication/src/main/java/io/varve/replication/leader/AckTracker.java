// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.InvariantException;
import io.varve.replication.protocol.Rule;
import io.varve.replication.protocol.Rules;
import io.varve.storage.Durability;
import java.util.Arrays;
import java.util.List;

/**
 * Counts how far each replica has got in the current leader epoch and derives the high watermark (P15). A replica counts with what it has flushed, or
 * only written, by the topic's durability; the leader counts itself by the same rule (P14).
 *
 * <p>Invariants: the high watermark never falls in an epoch; what counts includes the leader; a member's written end ≥ its flushed end. *Confined to the partition
 * loop.*
 */
final class AckTracker {
    private static final class Member {
        final int id;
        boolean counts; // member of maximalIsr
        boolean sessionDone; // P15: nothing learned in an older epoch counts
        long writtenEndOffset;
        long flushedEndOffset;

        Member(int id) {
            this.id = id;
        }
    }

    private final int selfId;
    private final Durability durability;
    private final Rules rules;
    private Member[] members;
    private int isrSize;
    private int minIsr = 1;
    private long highWatermark;

    AckTracker(int selfId, Durability durability, long highWatermark, Rules rules) {
        this.selfId = selfId;
        this.durability = durability;
        this.rules = rules;
        this.highWatermark = highWatermark;
        Member self = new Member(selfId);
        this.members = new Member[] {self};
    }

    /** The high watermark as another role of the replica left it. */
    void startFrom(long knownHighWatermark) {
        highWatermark = knownHighWatermark;
    }

    /** A new epoch: forgets every follower (P4). The leader's own ends are given anew, its session with itself is done. */
    void startEpoch(List<Integer> isr, int minInSync, long writtenEndOffset, long flushedEndOffset) {
        Member self = new Member(selfId);
        self.sessionDone = true;
        self.writtenEndOffset = writtenEndOffset;
        self.flushedEndOffset = flushedEndOffset;
        Member[] older = members;
        members = new Member[] {self};
        if (!rules.keep(Rule.MATCH_NOT_RESET)) {
            members = older;
            member(selfId).writtenEndOffset = writtenEndOffset;
            member(selfId).flushedEndOffset = flushedEndOffset;
            member(selfId).sessionDone = true;
        }
        configure(isr, isr, minInSync);
    }

    /** The in-sync set as committed, and the set that counts: the larger one while a change is under way (P22). */
    void configure(List<Integer> isr, List<Integer> counted, int minInSync) {
        if (!counted.contains(selfId) || minInSync < 1) {
            throw new InvariantException("node " + selfId + " cannot lead with isr " + isr + ", counted " + counted
                    + ", min " + minInSync + " (I13, I14)");
        }
        for (Member member : members) {
            member.counts = counted.contains(member.id);
        }
        for (int id : counted) {
            member(id).counts = true;
        }
        isrSize = isr.size();
        minIsr = minInSync;
        advance();
    }

    /** The follower's session ended: nothing counts for it until it has completed another. */
    void forget(int id) {
        if (id != selfId && rules.keep(Rule.MATCH_NOT_RESET)) {
            Member member = member(id);
            member.sessionDone = false;
            member.writtenEndOffset = 0;
            member.flushedEndOffset = 0;
        }
    }

    /** The follower's log is a prefix of the leader's from now on: what it acknowledges counts. */
    void sessionDone(int id) {
        member(id).sessionDone = true;
        advance();
    }

    /** Takes a cumulative acknowledgement; an older one changes nothing. */
    void progress(int id, long writtenEndOffset, long flushedEndOffset) {
        if (flushedEndOffset > writtenEndOffset) {
            throw new InvariantException(
                    "node " + id + " flushed up to " + flushedEndOffset + " but wrote only up to " + writtenEndOffset);
        }
        Member member = member(id);
        member.writtenEndOffset = Math.max(member.writtenEndOffset, writtenEndOffset);
        member.flushedEndOffset = Math.max(member.flushedEndOffset, flushedEndOffset);
        advance();
    }

    long highWatermark() {
        return highWatermark;
    }

    boolean hasEnoughReplicas() {
        return isrSize >= minIsr;
    }

    int isrSize() {
        return isrSize;
    }

    int minIsr() {
        return minIsr;
    }

    long ownWrittenEndOffset() {
        return member(selfId).writtenEndOffset;
    }

    /** The leader's end as its durability counts it: what acks=1 waits for. */
    long ownEndOffset() {
        return countedEndOffset(member(selfId));
    }

    long writtenEndOffset(int id) {
        return member(id).writtenEndOffset;
    }

    long flushedEndOffset(int id) {
        return member(id).flushedEndOffset;
    }

    /** How far a member counts by the topic's durability. */
    long countedEndOffset(int id) {
        return countedEndOffset(member(id));
    }

    private void advance() {
        if (isrSize < minIsr && rules.keep(Rule.HW_BELOW_MINISR)) { // P15: |isr|, not |maximalIsr|
            return;
        }
        long least = Long.MAX_VALUE;
        for (Member member : members) {
            if (member.counts) {
                if (!member.sessionDone) {
                    return;
                }
                least = Math.min(least, countedEndOffset(member));
            }
        }
        highWatermark = Math.max(highWatermark, least);
    }

    private long countedEndOffset(Member member) {
        return durability == Durability.FLUSHED ? member.flushedEndOffset : member.writtenEndOffset;
    }

    private Member member(int id) {
        for (Member member : members) {
            if (member.id == id) {
                return member;
            }
        }
        Member added = new Member(id);
        members = Arrays.copyOf(members, members.length + 1);
        members[members.length - 1] = added;
        return added;
    }
}
