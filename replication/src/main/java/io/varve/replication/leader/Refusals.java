// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.protocol.Members;
import java.util.Collections;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whom the controller would not have in the in-sync set, and until when nobody asks again (P20): until the node is registered anew, fenced or unfenced,
 * a new session is open, or a pause is over that doubles each time. *Confined to the partition loop.*
 */
final class Refusals {
    private static final long FIRST_PAUSE_NANOS = 500_000_000L;
    private static final int MOST_DOUBLINGS = 4;

    private static final class Refusal {
        final long brokerEpoch;
        final boolean wasEligible;
        long session;
        long untilNanos;
        int count;

        Refusal(long brokerEpoch, boolean wasEligible) {
            this.brokerEpoch = brokerEpoch;
            this.wasEligible = wasEligible;
        }
    }

    private Map<Integer, Refusal> byNode = Collections.emptyMap(); // of thousands of partitions few have any

    void add(FollowerSession follower, Members members, long nowNanos) {
        if (byNode.isEmpty()) {
            byNode = new TreeMap<>();
        }
        Refusal refusal = byNode.computeIfAbsent(
                follower.node, node -> new Refusal(follower.targetBrokerEpoch(), members.isEligible(follower.node)));
        refusal.session = follower.session();
        refusal.untilNanos = nowNanos + (FIRST_PAUSE_NANOS << Math.min(refusal.count, MOST_DOUBLINGS));
        refusal.count++;
    }

    void membersChanged(Members members) {
        byNode.entrySet().removeIf(entry -> {
            OptionalLong registered = members.brokerEpoch(entry.getKey());
            return registered.isEmpty()
                    || registered.getAsLong() != entry.getValue().brokerEpoch
                    || members.isEligible(entry.getKey()) != entry.getValue().wasEligible;
        });
    }

    void forget(int node) {
        byNode.remove(node);
    }

    boolean stand(FollowerSession follower, long nowNanos) {
        @Nullable Refusal refusal = byNode.get(follower.node);
        return refusal != null && refusal.session == follower.session() && nowNanos - refusal.untilNanos < 0;
    }
}
