// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.varve.replication.NodeFacts;
import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.PartitionState;
import java.util.List;
import java.util.OptionalLong;

/** Node 1, registered under broker epoch 1, alone with its partitions. */
final class SoleNode implements NodeFacts, Members {

    static final SoleNode ONE = new SoleNode();

    private SoleNode() {}

    static PartitionState leads(int leaderEpoch) {
        return new PartitionState(1, leaderEpoch, leaderEpoch, List.of(1), List.of(1), List.of(), 1, 0);
    }

    /** Node 2 leads. */
    static PartitionState follows(int leaderEpoch) {
        return new PartitionState(2, leaderEpoch, leaderEpoch, List.of(1, 2), List.of(2), List.of(), 1, 0);
    }

    @Override
    public long brokerEpoch() {
        return 1;
    }

    @Override
    public OptionalLong brokerEpoch(int nodeId) {
        return OptionalLong.of(1);
    }

    @Override
    public boolean isEligible(int nodeId) {
        return true;
    }

    @Override
    public long metadataIndex() {
        return 1;
    }

    @Override
    public long nextSession() {
        throw new UnsupportedOperationException("a node without peers");
    }
}
