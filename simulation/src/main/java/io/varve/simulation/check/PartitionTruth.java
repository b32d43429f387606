// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.metadata.image.Durability;
import io.varve.metadata.image.PartitionImage;
import io.varve.storage.LogId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is true of one partition for ever: everything that any leader ever counted as committed, and what may be forgiven.
 *
 * <p>Only records of {@code written} partitions are ever forgiven, and only when enough members of the in-sync or
 * eligible set really lost their bytes: the offsets that so many of them lost. An unclean election has to announce it,
 * and then the truth is cut where the new leader's log departs from it.
 */
final class PartitionTruth {
    static final long NEVER = Long.MAX_VALUE;

    final LogId id;
    final MirrorLog committed = new MirrorLog();

    /** By node; also of nodes that do not run. */
    final Map<Integer, ReplicaMirror> replicas = new TreeMap<>();

    /** Of each (epoch, base offset) that anybody ever staged: the digest of the log up to and with it (I5). */
    final Map<Long, Long> staged = new HashMap<>();

    /** Who appended under an epoch as its leader (I7). */
    final Map<Integer, Integer> leaders = new TreeMap<>();

    /** As of the newest committed metadata; null before the first. */
    @Nullable
    PartitionImage image;

    /** The one before; null before the second. */
    @Nullable
    PartitionImage before;

    /** Up to where a leader ever dropped records. */
    long decidedStart;

    boolean deleted;

    /** Of the metadata, once it is deleted. */
    long deletedAtIndex;

    /** From which offset on members have lost what they had acknowledged, by node, until they are in sync again. */
    private final Map<Integer, Long> lost = new TreeMap<>();

    /** How many members must have lost a record before it may be given up. */
    private int promised = Integer.MAX_VALUE;

    /** Records from here on are forgiven if an unclean election says so. */
    private long exemptFrom = NEVER;

    /** The lowest offset that was ever forgiven. */
    private long forgivenFrom = NEVER;

    /** The newest unclean election, 0 for none. */
    private int uncleanEpoch;

    PartitionTruth(LogId id) {
        this.id = id;
    }

    ReplicaMirror replica(int node) {
        return replicas.computeIfAbsent(node, n -> new ReplicaMirror(n, this));
    }

    boolean isWritten() {
        return image != null && image.durability() == Durability.WRITTEN;
    }

    boolean isMember(int node) {
        return image != null && (image.isr().contains(node) || image.elr().contains(node));
    }

    /** Whether what it loses is the loss of a member: also of one that was put out because it may have lost something. */
    boolean isOrWasMember(int node) {
        return isMember(node) || (image != null && image.lastKnownElr().contains(node));
    }

    int uncleanEpoch() {
        return uncleanEpoch;
    }

    /** Whether this log holds everything committed. */
    boolean isHeldBy(MirrorLog log) {
        return log.beginsWith(committed, committed.size());
    }

    /** Where a log departs from what is committed, for messages. */
    String difference(MirrorLog log) {
        int same = log.commonWith(committed);
        return "committed up to " + committed.endOffset() + ", the log ends at " + log.endOffset()
                + "; the first difference is batch " + same + ": committed is " + committed.describe(same)
                + ", the log has " + log.describe(same);
    }

    // ---- what may be forgiven

    /** A member lost what it had acknowledged from this offset on. */
    void memberLost(int node, long fromOffset) {
        lost.merge(node, fromOffset, Math::min);
        recount();
    }

    boolean hasLost(int node) {
        return lost.containsKey(node);
    }

    /** A member is in sync again. */
    void memberCaughtUp(int node) {
        if (lost.remove(node) != null) {
            recount();
        }
    }

    /** A record is gone for good if enough of its holders lost it: from the last of the lowest of these offsets on. */
    private void recount() {
        List<Long> offsets = lost.values().stream().sorted().toList();
        exemptFrom = isWritten() && offsets.size() >= promised ? offsets.get(promised - 1) : NEVER;
    }

    void imageChanged(PartitionImage now) {
        before = image;
        image = now;
        if (now.lastUncleanEpoch() <= uncleanEpoch) { // else the election is judged first, by what was promised before
            promise(now);
        }
    }

    private void promise(PartitionImage now) {
        int min = now.effectiveMinIsr();
        if (before != null && before.effectiveMinIsr() != min && !now.isr().isEmpty()) {
            // P24: the elr goes. Those in sync count from now on, and nothing is promised of what others have or lost.
            // A
            // higher minimum promises nothing before as many are in sync.
            lost.keySet().removeIf(node -> !isOrWasMember(node));
            promised = Math.min(Math.min(min, promised), now.isr().size());
        }
        if (now.isr().size() >= min) {
            promised = min;
        }
        recount();
    }

    /**
     * An unclean election made a log the one that counts. What of the truth it lacks is given up if it may be.
     *
     * @return what it lacks and must not; null if nothing
     */
    @Nullable
    String uncleanElection(int epoch, MirrorLog chosen) {
        uncleanEpoch = epoch;
        String wrong = givenUp(chosen);
        if (image != null) {
            promise(image);
        }
        return wrong;
    }

    private @Nullable String givenUp(MirrorLog chosen) {
        if (isHeldBy(chosen)) {
            return null;
        }
        int same = chosen.commonWith(committed);
        long from = committed.baseAt(same);
        String wrong = from >= exemptFrom
                ? null
                : difference(chosen) + "; "
                        + (exemptFrom == NEVER ? "nothing" : "nothing below " + exemptFrom)
                        + " may be forgiven, members lost " + lost;
        forgivenFrom = Math.min(forgivenFrom, from);
        committed.cutTo(from);
        return wrong;
    }

    /** Whether records at this offset of epochs before the newest unclean election were given up at some time. */
    boolean wasForgiven(long offset, int leaderEpoch) {
        return offset >= forgivenFrom && leaderEpoch < uncleanEpoch;
    }

    /** Whether anything of this partition was ever given up. */
    boolean wasForgiven() {
        return forgivenFrom != NEVER;
    }
}
