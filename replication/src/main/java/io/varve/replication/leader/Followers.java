// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.ReplicaMessage.Ack;
import io.varve.replication.protocol.ReplicaMessage.ToLeader;
import io.varve.replication.protocol.Rule;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The sessions of one leader epoch, one per other replica, by node id. Nothing of them outlives the epoch (P4). *Confined to the partition loop.* */
final class Followers {
    private final LedEpoch epoch;
    private final Links links;
    private List<FollowerSession> sessions = List.of();

    Followers(LedEpoch epoch, Links links) {
        this.epoch = epoch;
        this.links = links;
    }

    /** Who holds a replica by the metadata: new ones get a session, those that went lose it. */
    void assign(List<Integer> replicas, long nowNanos) {
        List<FollowerSession> kept = new ArrayList<>();
        for (int node : replicas.stream().sorted().toList()) {
            if (node != epoch.selfId) {
                FollowerSession known = find(node);
                kept.add(known != null ? known : newSession(node, nowNanos));
            }
        }
        for (FollowerSession session : sessions) {
            if (!kept.contains(session)) {
                session.begin(nowNanos, 0);
            }
        }
        sessions = List.copyOf(kept);
    }

    private FollowerSession newSession(int node, long nowNanos) {
        return new FollowerSession(node, epoch, links.isUp(node), links.isPressed(node), nowNanos);
    }

    /** The epoch ended: gives back what is held. */
    void stop() {
        epoch.end();
        sessions.forEach(session -> session.pusher.reset());
        sessions = List.of();
    }

    @Nullable
    FollowerSession find(int node) {
        for (FollowerSession session : sessions) {
            if (session.node == node) {
                return session;
            }
        }
        return null;
    }

    List<FollowerSession> all() {
        return sessions;
    }

    void membersChanged(Members members, long nowNanos) {
        epoch.members(members);
        for (FollowerSession session : sessions) {
            session.membersChanged(nowNanos);
        }
    }

    /** An answer of this epoch or an older one. */
    void onAnswer(int node, ToLeader answer, long nowNanos) {
        FollowerSession session = find(node);
        if (session == null) {
            return;
        }
        if (answer.leaderEpoch() == epoch.leaderEpoch) {
            session.onAnswer(answer, nowNanos);
        } else if (answer instanceof Ack ack && !epoch.rules.keep(Rule.ACK_ANY_EPOCH)) { // P4
            session.count(ack);
        }
    }

    void work(long nowNanos) {
        for (FollowerSession session : sessions) {
            session.work(nowNanos);
        }
    }

    /** Whether time matters: someone is on the way to a session, behind, or in the in-sync set without a link. */
    boolean needTime(List<Integer> isr) {
        for (FollowerSession session : sessions) {
            boolean inSync = isr.contains(session.node);
            boolean settled =
                    session.isLinkUp() ? inSync && session.isStreaming() && session.pace.isCaughtUp() : !inSync;
            if (!settled) {
                return true;
            }
        }
        return false;
    }

    List<FollowerView> views() {
        return sessions.stream().map(FollowerSession::view).toList();
    }
}
