// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.ReplicaSettings;
import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.PartitionState;
import io.varve.replication.protocol.Rules;
import io.varve.storage.LogId;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/** Node 1 as a leader whom nobody follows. */
final class SoleLead {
    private static final LogId ID = new LogId(new UUID(0, 0), 0);
    static final Members NOBODY = new Members() {
        @Override
        public long metadataIndex() {
            return 0;
        }

        @Override
        public OptionalLong brokerEpoch(int nodeId) {
            return OptionalLong.empty();
        }

        @Override
        public boolean isEligible(int nodeId) {
            return false;
        }
    };

    private SoleLead() {}

    static LeaderReplica of(ReplicaSettings settings, long highWatermark, LeaderLog log, LeaderOutput output) {
        return new LeaderReplica("t-0", ID, settings, highWatermark, log, output, Rules.ALL);
    }

    static PartitionState state(int leaderEpoch, int partitionEpoch, List<Integer> isr, int minIsr) {
        return new PartitionState(1, leaderEpoch, partitionEpoch, isr, isr, List.of(), minIsr, 0);
    }
}
