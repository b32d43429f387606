// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

/**
 * Whether a follower keeps up: when it last had all that the leader had (P23), and whether its disk stalls. Constant space: of the appends under way it
 * remembers two, one to be acknowledged next and the newest. *Confined to the partition loop.*
 */
final class FollowerPace {
    private final LeaderSettings bounds;
    private long lastCaughtUpNanos;
    private boolean caughtUp; // as of the last look: until the next one it is taken to be
    private boolean marked;
    private long markEndOffset; // the leader's end when it sent, and when that was
    private long markNanos;
    private long newestEndOffset;
    private long newestNanos;
    private boolean flushDue; // something was sent that it has not flushed
    private long flushSinceNanos;
    private long heardNanos;
    private boolean leftForFlushes;
    private long stalledNanos;

    FollowerPace(LeaderSettings bounds, long nowNanos) {
        this.bounds = bounds;
        this.lastCaughtUpNanos = nowNanos;
        this.heardNanos = nowNanos;
        this.flushSinceNanos = nowNanos;
    }

    /** Something was sent while the leader's log ended at {@code leaderEndOffset}. */
    void sent(long leaderEndOffset, long nowNanos) {
        newestEndOffset = leaderEndOffset;
        newestNanos = nowNanos;
        if (!marked) {
            marked = true;
            markEndOffset = leaderEndOffset;
            markNanos = nowNanos;
        }
        if (!flushDue) {
            flushDue = true;
            flushSinceNanos = nowNanos;
        }
    }

    /** It acknowledged: it counts up to {@code countedEndOffset} by the topic's durability. */
    void acknowledged(long countedEndOffset, boolean hasAdvanced, boolean hasAll, long nowNanos) {
        heardNanos = nowNanos;
        if (hasAdvanced || !flushDue) {
            flushSinceNanos = nowNanos;
        }
        flushDue = !hasAll;
        if (!marked || countedEndOffset < markEndOffset) {
            return;
        }
        if (countedEndOffset >= newestEndOffset) {
            caughtUpAt(newestNanos);
            marked = false;
        } else {
            caughtUpAt(markNanos);
            markEndOffset = newestEndOffset;
            markNanos = newestNanos;
        }
    }

    void heard(long nowNanos) {
        heardNanos = nowNanos;
        if (caughtUp) {
            caughtUpAt(nowNanos);
        }
    }

    /** Called when anything may have changed; between two looks at which it had all, it was never behind. */
    void look(boolean hasAll, long nowNanos) {
        if (caughtUp) {
            caughtUpAt(nowNanos);
        }
        caughtUp = hasAll;
        if (isStalled(nowNanos)) {
            stalledNanos = nowNanos;
        }
    }

    /** The session ended: what was under way says nothing any more. */
    void sessionEnded(long nowNanos) {
        look(false, nowNanos);
        marked = false;
        flushDue = false;
    }

    /** It joined the in-sync set: its time begins now. */
    void joined(long nowNanos) {
        caughtUpAt(nowNanos);
        leftForFlushes = false;
    }

    boolean isLagging(long nowNanos) {
        return !caughtUp && nowNanos - lastCaughtUpNanos > bounds.lagNanosMax();
    }

    /** Sent something long ago, alive, and not a byte of it flushed: the disk, not the network. */
    boolean isStalled(long nowNanos) {
        return flushDue
                && nowNanos - flushSinceNanos > bounds.flushStallNanos()
                && heardNanos - flushSinceNanos >= bounds.flushStallNanos() / 2;
    }

    void leavesForFlushes() {
        leftForFlushes = true;
    }

    /** Whether it left for its flushes and has not been prompt for long enough since. */
    boolean isOnProbation(long nowNanos) {
        return leftForFlushes && (isStalled(nowNanos) || nowNanos - stalledNanos < bounds.flushStableNanos());
    }

    /** It has all, and nothing that it was sent waits for its disk. */
    boolean isPrompt() {
        return caughtUp && !flushDue;
    }

    boolean isCaughtUp() {
        return caughtUp;
    }

    long lastCaughtUpNanos() {
        return lastCaughtUpNanos;
    }

    private void caughtUpAt(long nanos) {
        if (nanos - lastCaughtUpNanos > 0) {
            lastCaughtUpNanos = nanos;
        }
    }
}
