// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata;

import java.util.List;

/**
 * The quorum as one voter sees it, for people. Only the leader knows how far the others are. *Immutable.*
 *
 * @param commitIndex of the last entry known to be committed
 * @param snapshotIndex of the last entry in this voter's newest snapshot, 0 without one
 * @param voters all of them, by node id
 */
public record QuorumState(LeaderInfo leader, long commitIndex, long snapshotIndex, List<Voter> voters) {

    public static final long UNKNOWN = -1;

    public QuorumState {
        voters = List.copyOf(voters);
    }

    /**
     * @param address host and port of its Raft server
     * @param matchIndex up to where its log agrees with the leader's, or {@link #UNKNOWN}
     * @param lag entries that it is behind the leader, or {@link #UNKNOWN}
     * @param lastContactMillis how long ago the leader heard it, 0 for the leader itself, or {@link #UNKNOWN}
     */
    public record Voter(int nodeId, String address, long matchIndex, long lag, long lastContactMillis) {}
}
