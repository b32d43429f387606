// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import io.varve.metadata.LeaderInfo;
import io.varve.metadata.QuorumState;
import io.varve.metadata.QuorumState.Voter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;

/** What a Ratis division tells about its quorum. */
final class DivisionState {

    /** A follower is sent something every 150 ms. */
    private static final long SILENT_MILLIS = 1_000;

    private DivisionState() {}

    static QuorumState of(RaftServer.Division division, LeaderInfo leader, long snapshotIndex) {
        var log = division.getRaftLog();
        long commitIndex = Math.max(0, log.getLastCommittedIndex());
        var last = log.getLastEntryTermIndex();
        long lastIndex = last == null ? commitIndex : last.getIndex();
        Map<String, Follower> followers = division.getInfo().isLeader() ? followers(division) : Map.of();
        List<Voter> voters = new ArrayList<>();
        for (RaftPeer peer : division.getGroup().getPeers()) {
            int nodeId = RatisQuorum.nodeId(peer.getId());
            Follower follower = followers.get(peer.getId().toString());
            if (peer.getId().equals(division.getId())) {
                boolean leads = division.getInfo().isLeader();
                voters.add(new Voter(
                        nodeId,
                        peer.getAddress(),
                        lastIndex,
                        leads ? 0 : QuorumState.UNKNOWN,
                        leads ? 0 : QuorumState.UNKNOWN));
            } else if (follower == null) {
                voters.add(new Voter(
                        nodeId, peer.getAddress(), QuorumState.UNKNOWN, QuorumState.UNKNOWN, QuorumState.UNKNOWN));
            } else {
                voters.add(new Voter(
                        nodeId,
                        peer.getAddress(),
                        Math.max(0, follower.matchIndex()),
                        Math.max(0, lastIndex - Math.max(0, follower.matchIndex())),
                        follower.lastContactMillis()));
            }
        }
        voters.sort(Comparator.comparingInt(Voter::nodeId));
        return new QuorumState(leader, commitIndex, Math.max(0, snapshotIndex), voters);
    }

    /**
     * Whom the leader may hand over to: the followers that answered lately, the one that has most of the log first.
     */
    static List<RaftPeerId> successors(RaftServer.Division division) {
        var followers = followers(division);
        return followers.entrySet().stream()
                .filter(e -> e.getValue().lastContactMillis() < SILENT_MILLIS)
                .sorted(Comparator.comparingLong(e -> -e.getValue().matchIndex()))
                .map(e -> RaftPeerId.valueOf(e.getKey()))
                .toList();
    }

    private record Follower(long matchIndex, long lastContactMillis) {}

    /** Both lists are in the order of the log appenders; a change of them in between shows as different lengths. */
    private static Map<String, Follower> followers(RaftServer.Division division) {
        var info = division.getInfo();
        List<ServerRpcProto> contacts = info.getRoleInfoProto().getLeaderInfo().getFollowerInfoList();
        long[] matchIndices = info.getFollowerMatchIndices(); // null once it leads no more
        if (matchIndices == null) {
            return Map.of();
        }
        Map<String, Follower> followers = new HashMap<>();
        for (int i = 0; i < contacts.size() && contacts.size() == matchIndices.length; i++) {
            followers.put(
                    contacts.get(i).getId().getId().toStringUtf8(),
                    new Follower(matchIndices[i], contacts.get(i).getLastRpcElapsedTimeMs()));
        }
        return followers;
    }
}
