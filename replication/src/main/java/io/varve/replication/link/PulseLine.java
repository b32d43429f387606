// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import io.varve.replication.protocol.ReplicaMessage.Commit;
import io.varve.storage.LogId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What goes on the control stream: a pulse every so often, and the newest high watermark of each partition where it moved, as soon as the turn is over.
 * *Confined* to its {@link PeerLink}.
 */
final class PulseLine {
    private static final int COMMITS_PER_PULSE = 1024;

    /** Pulses ahead of time stop here: then the commits wait, and the newest wins, until something is answered. */
    private static final int UNANSWERED_MAX = 16;

    private final LinkSettings.Times times;
    private final Map<LogId, Commit> commits = new LinkedHashMap<>();
    private final ArrayDeque<Long> unansweredNanos = new ArrayDeque<>();
    private long nextNanos;

    PulseLine(LinkSettings.Times times) {
        this.times = times;
    }

    void start(long nowNanos) {
        clear();
        nextNanos = nowNanos;
    }

    /** Takes the place of an earlier one of its partition. */
    void add(Commit commit) {
        commits.put(commit.partition(), commit);
    }

    void dropSessionsBelow(LogId partition, long session) {
        Commit commit = commits.get(partition);
        if (commit != null && commit.session() < session) {
            commits.remove(partition);
        }
    }

    int waiting() {
        return commits.size();
    }

    /** The next pulse to write; null if there is none now. */
    PeerFrame.@Nullable Pulse take(long nowNanos) {
        boolean due = nowNanos - nextNanos >= 0;
        if (!due && (commits.isEmpty() || unansweredNanos.size() >= UNANSWERED_MAX)) {
            return null;
        }
        List<Commit> some = new ArrayList<>();
        for (Iterator<Commit> each = commits.values().iterator(); each.hasNext() && some.size() < COMMITS_PER_PULSE; ) {
            some.add(each.next());
            each.remove();
        }
        unansweredNanos.addLast(nowNanos);
        nextNanos = nowNanos + times.pulseNanos();
        return new PeerFrame.Pulse(nowNanos, some);
    }

    /** Answers this pulse and all before it. */
    void answered(long sentNanos) {
        while (!unansweredNanos.isEmpty() && unansweredNanos.getFirst() - sentNanos <= 0) {
            unansweredNanos.removeFirst();
        }
    }

    /** Whether the other end has been silent for too long. */
    boolean isOverdue(long nowNanos) {
        return !unansweredNanos.isEmpty() && nowNanos - unansweredNanos.getFirst() >= times.pulseTimeoutNanos();
    }

    void clear() {
        commits.clear();
        unansweredNanos.clear();
    }
}
