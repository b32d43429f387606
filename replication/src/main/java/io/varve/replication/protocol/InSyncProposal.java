// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.protocol;

import io.varve.storage.LogId;
import java.util.List;

/**
 * A leader asks the controller for another in-sync set (P20). It is asked again, unchanged, until it is answered or the metadata moves on (P22).
 *
 * @param leaderBrokerEpoch of the node that asks
 * @param newIsr each member with the broker epoch under which the leader knows it
 */
public record InSyncProposal(
        LogId partition, long leaderBrokerEpoch, int leaderEpoch, int partitionEpoch, List<Member> newIsr) {
    public InSyncProposal {
        newIsr = List.copyOf(newIsr);
    }

    /** One node under one registration. */
    public record Member(int nodeId, long brokerEpoch) {}
}
