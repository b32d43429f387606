// SPDX-License-Identifier: Apache-2.0
package io.varve.node.partition;

import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.PartitionState;
import java.util.Map;
import java.util.OptionalLong;

/** What an image says, in the words of replicas. <i>Immutable.</i> */
public final class ReplicaMetadata {

    private ReplicaMetadata() {}

    static PartitionState state(PartitionImage p) {
        return new PartitionState(
                p.leader(),
                p.leaderEpoch(),
                p.partitionEpoch(),
                p.replicas(),
                p.isr(),
                p.elr(),
                p.effectiveMinIsr(),
                p.lastUncleanEpoch());
    }

    public static Members members(MetadataImage image) {
        return new ImageMembers(image.index(), image.brokers());
    }

    /** Holds no image: every replica keeps the members of its own last change, and an image has every partition. */
    private record ImageMembers(long metadataIndex, Map<Integer, BrokerImage> brokers) implements Members {

        @Override
        public OptionalLong brokerEpoch(int nodeId) {
            BrokerImage broker = brokers.get(nodeId);
            return broker == null ? OptionalLong.empty() : OptionalLong.of(broker.epoch());
        }

        @Override
        public boolean isEligible(int nodeId) {
            BrokerImage broker = brokers.get(nodeId);
            return broker != null && broker.eligible();
        }
    }
}
