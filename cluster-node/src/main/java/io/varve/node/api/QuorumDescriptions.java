// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.metadata.QuorumState;
import io.varve.metadata.QuorumState.Voter;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import io.varve.proto.v1.DescribeQuorumResponse;
import io.varve.proto.v1.QuorumMember;
import io.varve.proto.v1.QuorumMemberState;
import io.varve.proto.v1.QuorumRole;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The metadata quorum as an answer. Stateless. */
public final class QuorumDescriptions {

    /** A voter that the leader has not heard for so long would by now have called an election, were it there. */
    private static final long UNREACHABLE_MILLIS = 2_000;

    private QuorumDescriptions() {}

    /** @param image names the nodes that have no vote */
    public static DescribeQuorumResponse describe(QuorumState state, MetadataImage image) {
        List<QuorumMember> members = new ArrayList<>();
        Set<Integer> voters = new HashSet<>();
        for (Voter voter : state.voters()) {
            voters.add(voter.nodeId());
            boolean leads = voter.nodeId() == state.leader().nodeId();
            members.add(QuorumMember.newBuilder()
                    .setNodeId(voter.nodeId())
                    .setRole(leads ? QuorumRole.QUORUM_ROLE_LEADER : QuorumRole.QUORUM_ROLE_FOLLOWER)
                    .setAddress(voter.address())
                    .setMatchIndex(voter.matchIndex())
                    .setLag(voter.lag())
                    .setLastContactMs(voter.lastContactMillis())
                    .setState(state(voter))
                    .build());
        }
        for (BrokerImage broker : image.brokers().values()) {
            if (!voters.contains(broker.id())) {
                members.add(observer(broker));
            }
        }
        members.sort(Comparator.comparingInt(QuorumMember::getNodeId));
        return DescribeQuorumResponse.newBuilder()
                .setLeader(state.leader().nodeId())
                .setTerm(state.leader().term())
                .setCommitIndex(state.commitIndex())
                .setSnapshotIndex(state.snapshotIndex())
                .addAllMembers(members)
                .build();
    }

    private static QuorumMemberState state(Voter voter) {
        if (voter.lastContactMillis() == QuorumState.UNKNOWN) {
            return QuorumMemberState.QUORUM_MEMBER_STATE_UNSPECIFIED;
        }
        return voter.lastContactMillis() < UNREACHABLE_MILLIS
                ? QuorumMemberState.QUORUM_MEMBER_STATE_REACHABLE
                : QuorumMemberState.QUORUM_MEMBER_STATE_UNREACHABLE;
    }

    private static QuorumMember observer(BrokerImage broker) {
        return QuorumMember.newBuilder()
                .setNodeId(broker.id())
                .setRole(QuorumRole.QUORUM_ROLE_OBSERVER)
                .setMatchIndex(QuorumState.UNKNOWN)
                .setLag(QuorumState.UNKNOWN)
                .setLastContactMs(QuorumState.UNKNOWN)
                .setState(
                        broker.fenced()
                                ? QuorumMemberState.QUORUM_MEMBER_STATE_UNREACHABLE
                                : QuorumMemberState.QUORUM_MEMBER_STATE_REACHABLE)
                .build();
    }
}
