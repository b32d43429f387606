// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.Rule;
import io.varve.replication.protocol.Rules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whom a node lets in: its own cluster's members, by their newest incarnation that it has heard of, from metadata or from themselves. *Confined* to its
 * {@link PeerInbox}.
 */
final class Greetings {
    private final NodeIdentity self;
    private final Rules rules;
    private final Map<Integer, List<InboundStream>> peers = new LinkedHashMap<>(); // greeted and open, oldest first
    private @Nullable Members members;
    private long ownBrokerEpoch = -1;

    Greetings(NodeIdentity self, Rules rules) {
        this.self = self;
        this.rules = rules;
    }

    void registered(long brokerEpoch) {
        ownBrokerEpoch = brokerEpoch;
    }

    long ownBrokerEpoch() {
        return ownBrokerEpoch;
    }

    void membersChanged(Members now) {
        members = now;
    }

    /** Decides, changes nothing. */
    PeerFrame.HelloAnswer judge(PeerFrame.Hello hello) {
        int version = self.versions().common(hello.versions());
        if (!hello.clusterId().equals(self.clusterId())) {
            return refuse(HelloVerdict.OTHER_CLUSTER, "this is cluster " + self.clusterId());
        }
        if (hello.target().nodeId() != self.nodeId() || hello.nodeId() == self.nodeId()) {
            return refuse(
                    HelloVerdict.OTHER_NODE,
                    "this is node " + self.nodeId() + ", not " + hello.target().nodeId());
        }
        if (version == 0) {
            return refuse(
                    HelloVerdict.OTHER_VERSION,
                    "this node speaks " + self.versions() + ", the caller " + hello.versions());
        }
        boolean meant = hello.target().brokerEpoch() == ownBrokerEpoch || !rules.keep(Rule.NO_TARGET_INCARNATION);
        if (ownBrokerEpoch < 0 || !meant) { // P7
            return refuse(
                    HelloVerdict.OTHER_INCARNATION,
                    "this node's broker epoch is " + ownBrokerEpoch + ", not "
                            + hello.target().brokerEpoch());
        }
        String stale = stale(hello);
        if (stale != null) {
            return refuse(HelloVerdict.STALE_CALLER, stale);
        }
        return new PeerFrame.HelloAnswer(HelloVerdict.ACCEPTED, "", ownBrokerEpoch, self.incarnation(), version);
    }

    private PeerFrame.HelloAnswer refuse(HelloVerdict verdict, String detail) {
        return new PeerFrame.HelloAnswer(verdict, detail, ownBrokerEpoch, self.incarnation(), 0);
    }

    private @Nullable String stale(PeerFrame.Hello hello) {
        long known = members == null ? -1 : members.brokerEpoch(hello.nodeId()).orElse(-1);
        if (hello.brokerEpoch() < known) {
            return "node " + hello.nodeId() + " is registered under broker epoch " + known + ", not "
                    + hello.brokerEpoch();
        }
        for (InboundStream other : streams(hello.nodeId())) {
            PeerFrame.Hello said = hello(other);
            boolean older = hello.brokerEpoch() < said.brokerEpoch();
            boolean another = hello.brokerEpoch() == said.brokerEpoch()
                    && !hello.incarnation().equals(said.incarnation());
            boolean late = hello.incarnation().equals(said.incarnation())
                    && hello.kind() == said.kind()
                    && hello.streamId() <= said.streamId();
            if (older || another || late) {
                return "a newer stream is open, " + said.streamId() + " of incarnation " + said.incarnation()
                        + " under broker epoch " + said.brokerEpoch();
            }
        }
        return null;
    }

    /**
     * Takes in a stream whose Hello was accepted; returns those that must go for it: of older incarnations, and the oldest of too many of its kind. Others
     * of its own incarnation stay: what they still bring is for the sessions to judge.
     */
    List<InboundStream> add(InboundStream stream, int perKindMax) {
        PeerFrame.Hello hello = hello(stream);
        List<InboundStream> gone = new ArrayList<>();
        List<InboundStream> sameKind = new ArrayList<>();
        for (InboundStream other : streams(hello.nodeId())) {
            PeerFrame.Hello said = hello(other);
            if (said.brokerEpoch() != hello.brokerEpoch()) {
                gone.add(other);
            } else if (said.kind() == hello.kind()) {
                sameKind.add(other);
            }
        }
        gone.addAll(sameKind.subList(0, Math.max(0, sameKind.size() + 1 - perKindMax)));
        peers.computeIfAbsent(hello.nodeId(), any -> new ArrayList<>()).add(stream);
        return gone;
    }

    void remove(InboundStream stream) {
        if (stream.hello != null) {
            List<InboundStream> streams = streams(stream.hello.nodeId());
            if (streams.remove(stream) && streams.isEmpty()) {
                peers.remove(stream.hello.nodeId());
            }
        }
    }

    private List<InboundStream> streams(int nodeId) {
        List<InboundStream> streams = peers.get(nodeId);
        return streams == null ? new ArrayList<>() : streams;
    }

    private static PeerFrame.Hello hello(InboundStream stream) {
        if (stream.hello == null) {
            throw new IllegalStateException("stream " + stream.inboundId + " has not been greeted");
        }
        return stream.hello;
    }
}
