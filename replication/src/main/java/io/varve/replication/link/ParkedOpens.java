// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import io.varve.replication.protocol.ReplicaMessage.Open;
import io.varve.storage.LogId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Opens that wait for metadata, oldest first, one of each leader's node and partition. *Confined* to its {@link PeerInbox}. */
final class ParkedOpens {
    /** One that waits. */
    record Parked(InboundStream stream, int fromNode, Open open, long sinceNanos) {
        /** Sessions grow within an incarnation of the leader's node. */
        boolean isOlderThan(Open other) {
            int byIncarnation = Long.compare(open.leaderBrokerEpoch(), other.leaderBrokerEpoch());
            return byIncarnation != 0 ? byIncarnation < 0 : open.session() < other.session();
        }
    }

    private record Key(int fromNode, LogId partition) {}

    private final Map<Key, Parked> parked = new LinkedHashMap<>();

    int size() {
        return parked.size();
    }

    @Nullable
    Parked of(int fromNode, LogId partition) {
        return parked.get(new Key(fromNode, partition));
    }

    void add(Parked one) {
        Key key = new Key(one.fromNode(), one.open().partition());
        parked.remove(key); // so that the order stays by age
        parked.put(key, one);
    }

    /** Takes out those that a test picks, oldest first. */
    List<Parked> takeIf(Predicate<Parked> test) {
        List<Parked> taken = new ArrayList<>();
        for (Iterator<Parked> each = parked.values().iterator(); each.hasNext(); ) {
            Parked one = each.next();
            if (test.test(one)) {
                each.remove();
                taken.add(one);
            }
        }
        return taken;
    }
}
