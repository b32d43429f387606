// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.netty.buffer.PooledByteBufAllocator;
import io.varve.metadata.MetadataSource;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.topic.TopicLimits;
import io.varve.node.api.AskedLeaders;
import io.varve.node.api.ClusterGrpcService;
import io.varve.node.api.ConfigGrpcService;
import io.varve.node.api.Failures;
import io.varve.node.api.InspectionGrpcService;
import io.varve.node.api.LeaderViews;
import io.varve.node.api.MetadataGrpcService;
import io.varve.node.api.MetadataGrpcService.ServerIdentity;
import io.varve.node.api.NodeDisks;
import io.varve.node.api.NodeSettingAnswers;
import io.varve.node.api.NodeSettings;
import io.varve.node.api.ServiceSet;
import io.varve.node.api.SettingsGrpcService;
import io.varve.node.api.TopicGrpcService;
import io.varve.node.bootstrap.PartitionsStep.ChangeBell;
import io.varve.node.broker.ProducerIdBlocks;
import io.varve.node.config.NodeConfig;
import io.varve.node.config.NodeSetting;
import io.varve.node.config.VoterAddress;
import io.varve.node.data.AppendGate;
import io.varve.node.data.ByteBudget;
import io.varve.node.data.ConsumeGrpcService;
import io.varve.node.data.DataLimits;
import io.varve.node.data.DataPlane;
import io.varve.node.data.ForwardGrpcService;
import io.varve.node.data.ForwardedCalls;
import io.varve.node.data.LeaderCalls;
import io.varve.node.data.ProduceGrpcService;
import io.varve.node.data.ProducerIds;
import io.varve.node.data.RecordDeletions;
import io.varve.node.data.RecordGrpcService;
import io.varve.node.peer.PeerChannels;
import io.varve.node.upkeep.DiskWatch;
import io.varve.proto.v1.ConfigValue;
import io.varve.proto.v1.NodeDisk;
import io.varve.proto.v1.NodeDiskStatus;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes the public services, which every listener then serves. */
final class ServicesStep implements NodeStep {

    /** Unacknowledged batches of an idempotent producer per partition, as Kafka's producers have it. */
    private static final int MAX_IN_FLIGHT_BATCHES = 5;

    private final Foundation base;
    private final NodeConfig config;
    private final PartitionsStep partitions;
    private final ChangeBell changes;
    private final DiskWatch disk;
    private final List<NodeSetting> settings;
    private @Nullable ServiceSet set;

    /** @param settings what the node was started with, for people */
    ServicesStep(
            Foundation base,
            PartitionsStep partitions,
            ChangeBell changes,
            DiskWatch disk,
            List<NodeSetting> settings) {
        this.base = base;
        this.config = base.config();
        this.partitions = partitions;
        this.changes = changes;
        this.disk = disk;
        this.settings = settings;
    }

    @Override
    public String name() {
        return "services";
    }

    @Override
    public void start() {
        MetadataSource source = base.metadata().source();
        MetadataGrpcService metadata = new MetadataGrpcService(source::image, identity());
        changes.listen(metadata.watchers()::imageChanged);
        LeaderViews leaders = leaders();
        DataPlane plane = plane(source);
        LeaderCalls elsewhere = leaders(plane);
        TopicGrpcService topics = new TopicGrpcService(
                base.controller().controller(),
                source::image,
                partitions.partitions().follower()::whenApplied,
                leaders,
                new RecordDeletions(plane.lookup(), elsewhere),
                config.cluster().topicDefaults(),
                config.memory().maxBatchBytes());
        ClusterGrpcService cluster = cluster(source, leaders);
        set = new ServiceSet(
                topics,
                configs(source),
                cluster,
                metadata,
                new ProduceGrpcService(plane, producerIds()),
                new ConsumeGrpcService(plane),
                new RecordGrpcService(plane, elsewhere));
        base.peers().listener().add(new ForwardGrpcService(plane));
    }

    private ConfigGrpcService configs(MetadataSource source) {
        List<ConfigValue> own = NodeSettingAnswers.values(settings);
        base.peers().listener().add(new SettingsGrpcService(own));
        return new ConfigGrpcService(
                base.controller().controller(),
                source::image,
                partitions.partitions().follower()::whenApplied,
                new NodeSettings(config.identity().id(), own, base.peers().channels(), AskedLeaders.PATIENCE),
                config.memory().maxBatchBytes());
    }

    private LeaderCalls leaders(DataPlane plane) {
        PeerChannels channels = base.peers().channels();
        return new ForwardedCalls(
                config.identity().id(),
                plane.lookup(),
                node -> channels.channel(node, PeerChannels.Use.CALLS),
                plane.limits());
    }

    ServiceSet set() {
        return Objects.requireNonNull(set);
    }

    void endStreams() {
        if (set != null) {
            set.endStreams();
        }
    }

    @Override
    public void stop() {
        endStreams();
    }

    private LeaderViews leaders() {
        int self = config.identity().id();
        LedHere local = new LedHere(self, base.metadata().voter(), partitions.partitions(), disk);
        base.peers()
                .listener()
                .add(new InspectionGrpcService(
                        local, this::ownDisk, base.threads().calls()));
        return new AskedLeaders(self, voters(), local, base.peers().channels(), AskedLeaders.PATIENCE);
    }

    private ClusterGrpcService cluster(MetadataSource source, LeaderViews leaders) {
        ClusterGrpcService cluster = new ClusterGrpcService(
                base.data().directory().identity().clusterId(),
                config.identity().id(),
                source::image,
                base.controller().controller(),
                leaders,
                new NodeDisks(
                        config.identity().id(), this::ownDisk, base.peers().channels(), NodeDisks.PATIENCE));
        cluster.absences().imageChanged();
        changes.listen(cluster.absences()::imageChanged);
        return cluster;
    }

    private NodeDisk ownDisk() {
        DiskWatch.Look look = disk.now();
        return NodeDisk.newBuilder()
                .setDirectory(config.storage().directory().toString())
                .setStatus(
                        switch (look.state()) {
                            case OK -> NodeDiskStatus.NODE_DISK_STATUS_OK;
                            case SOFT -> NodeDiskStatus.NODE_DISK_STATUS_NEARLY_FULL;
                            case FULL -> NodeDiskStatus.NODE_DISK_STATUS_FULL;
                            case OFFLINE -> NodeDiskStatus.NODE_DISK_STATUS_OFFLINE;
                        })
                .setFreeBytes(look.freeBytes())
                .setSoftWatermarkBytes(disk.watermarks().softFreeBytes())
                .setHardWatermarkBytes(disk.watermarks().hardFreeBytes())
                .setMessage(look.message())
                .build();
    }

    private Set<Integer> voters() {
        return config.quorum().voters().stream().map(VoterAddress::nodeId).collect(Collectors.toSet());
    }

    private ServerIdentity identity() {
        return new ServerIdentity(
                base.data().directory().identity().clusterId(),
                config.identity().id(),
                Version.CURRENT,
                config.memory().maxBatchBytes(),
                MAX_IN_FLIGHT_BATCHES,
                TopicLimits.MAX_PARTITIONS);
    }

    private DataPlane plane(MetadataSource source) {
        return new DataPlane(
                new TableLookup(partitions.partitions().table(), source::image),
                new Gate(disk),
                new ByteBudget(config.memory().chunkBudgetBytes()),
                base.threads().network().workers(),
                base.threads().calls(),
                PooledByteBufAllocator.DEFAULT,
                DataLimits.forBatchesUpTo(config.memory().maxBatchBytes()));
    }

    /** Appends are taken as far as the disk lets them. */
    private record Gate(DiskWatch disk) implements AppendGate {

        @Override
        public @Nullable String refusal() {
            return disk.refusal();
        }

        @Override
        public int throttleMillis() {
            return disk.throttleMillis();
        }
    }

    private CompletableFuture<CommandResult.ProducerIds> allocateProducerIds() {
        BrokerRef self = base.broker().broker();
        return base.controller().controller().allocateProducerIds(self.nodeId(), self.brokerEpoch());
    }

    private ProducerIds producerIds() {
        ProducerIdBlocks blocks = new ProducerIdBlocks(this::allocateProducerIds);
        return () -> blocks.next().handle((id, failure) -> {
            if (failure != null) {
                throw Failures.toAnswer(failure);
            }
            return id;
        });
    }
}
