// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.metadata.image.MetadataImage;
import io.varve.node.partition.HostedPartition;
import io.varve.node.partition.NodePartitions;
import io.varve.node.partition.ReplicaMetadata;
import io.varve.node.push.InSyncRequests;
import io.varve.node.push.PushSettings;
import io.varve.node.push.PushWorld;
import io.varve.node.push.ReplicaPush;
import io.varve.replication.Partition;
import io.varve.replication.link.NodeIdentity;
import io.varve.replication.link.ProtocolRange;
import io.varve.storage.LogId;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Push replication: the links to other nodes, and the service for theirs. Comes before the partitions, which it carries. */
final class PushStep implements NodeStep {

    private final Foundation base;
    private volatile @Nullable NodePartitions partitions; // written at the start, read by network loops
    private @Nullable ReplicaPush push;

    PushStep(Foundation base) {
        this.base = base;
    }

    @Override
    public String name() {
        return "replication";
    }

    @Override
    public void start() {
        int nodeId = base.config().identity().id();
        NodeIdentity self = new NodeIdentity(
                base.data().directory().identity().clusterId(), nodeId, UUID.randomUUID(), ProtocolRange.CURRENT);
        ReplicaPush made = new ReplicaPush(
                self,
                new PushWorld(
                        base.threads().network(),
                        base.threads().loops(),
                        this::find,
                        base.peers().channels()::address,
                        new Metadata()),
                PushSettings.forBatchesUpTo(base.config().memory().maxBatchBytes(), "varve-node/" + Version.CURRENT),
                new InSyncRequests(
                        nodeId, base.threads().timer(), base.controller().controller()::alterPartition));
        push = made;
        made.registered(base.broker().broker().brokerEpoch());
        base.peers().listener().add(made.service());
    }

    ReplicaPush push() {
        return Objects.requireNonNull(push);
    }

    /** From now on messages find their replicas. */
    void carry(NodePartitions made) {
        partitions = made;
    }

    /** The replicas have taken up this image. A registration that was sent twice may have given this node another epoch. */
    void imageApplied(MetadataImage image) {
        push().registered(base.broker().broker().brokerEpoch());
        push().imageApplied(ReplicaMetadata.members(image), image.brokers().keySet());
    }

    private @Nullable Partition find(LogId id) {
        NodePartitions made = partitions;
        return made == null
                ? null
                : made.table()
                        .find(id.topicId(), id.partition())
                        .map(HostedPartition::partition)
                        .orElse(null);
    }

    private final class Metadata implements PushWorld.Metadata {

        @Override
        public long appliedIndex() {
            NodePartitions made = partitions;
            return made == null ? -1 : made.follower().appliedIndex();
        }

        @Override
        public void wanted(long index) {
            base.metadata().source().wanted(index);
        }
    }

    @Override
    public void stop() throws InterruptedException {
        if (push != null) {
            push.close();
        }
    }
}
