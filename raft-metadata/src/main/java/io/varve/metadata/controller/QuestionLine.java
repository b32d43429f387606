// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import io.varve.metadata.image.ReplicaId;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Questions to one node about its copies: few at a time, the others wait in line. *Confined to the controller's loop.* */
final class QuestionLine {

    static final int UNDER_WAY = 64;

    private final Map<ReplicaId, Long> underWay = new LinkedHashMap<>(); // oldest first
    private final Set<ReplicaId> waiting = new LinkedHashSet<>();

    /** Whether this one may be asked now; if not, it waits. */
    boolean begin(ReplicaId replica, long nowNanos) {
        underWay.remove(replica);
        if (underWay.size() >= UNDER_WAY) {
            waiting.add(replica);
            return false;
        }
        underWay.put(replica, nowNanos);
        return true;
    }

    void over(ReplicaId replica) {
        underWay.remove(replica);
    }

    /** Whose turn it is, if there is room. */
    Optional<ReplicaId> next() {
        if (waiting.isEmpty() || underWay.size() >= UNDER_WAY) {
            return Optional.empty();
        }
        var first = waiting.iterator().next();
        waiting.remove(first);
        return Optional.of(first);
    }

    /** Forgets who waits, and questions from before that time, which nobody will answer. Whether nothing is left. */
    boolean startOver(long lostNanos) {
        waiting.clear();
        underWay.values().removeIf(at -> at - lostNanos <= 0);
        return underWay.isEmpty();
    }
}
