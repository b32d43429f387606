// SPDX-License-Identifier: Apache-2.0
package io.varve.node.partition;

import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.PartitionState;
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
        return new ImageMembers(image);
    }

    private record ImageMembers(MetadataImage image) implements Members {

        @Override
        public long metadataIndex() {
            return image.index();
        }

        @Override
        public OptionalLong brokerEpoch(int nodeId) {
            return image.broker(nodeId)
                    .map(BrokerImage::epoch)
                    .map(epoch -> OptionalLong.of(epoch))
                    .orElse(OptionalLong.empty());
        }

        @Override
        public boolean isEligible(int nodeId) {
            return image.isEligible(nodeId);
        }
    }
}
