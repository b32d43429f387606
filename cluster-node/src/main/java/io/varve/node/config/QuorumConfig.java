// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.util.List;
import java.util.Optional;

/**
 * Who keeps the cluster's metadata: 1, 3 or 5 nodes, the same list on every node. Who a voter really is, is in the
 * quorum's own log from its formation on; this says where it is. <i>Immutable.</i>
 *
 * @param voters with distinct node ids
 */
public record QuorumConfig(List<VoterAddress> voters) {

    public QuorumConfig {
        voters = List.copyOf(voters);
    }

    /** The voter of that node id; empty if that node is none. */
    public Optional<VoterAddress> voter(int nodeId) {
        return voters.stream().filter(v -> v.nodeId() == nodeId).findFirst();
    }

    /** All voters but that node. */
    public List<VoterAddress> others(int nodeId) {
        return voters.stream().filter(v -> v.nodeId() != nodeId).toList();
    }

    public boolean isVoter(int nodeId) {
        return voter(nodeId).isPresent();
    }

    /** How many voters are more than half of them. */
    public int majority() {
        return voters.size() / 2 + 1;
    }
}
