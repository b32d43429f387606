// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.grpc.ServerServiceDefinition;
import io.varve.metadata.Controller;
import io.varve.metadata.MetadataQuorum;
import io.varve.metadata.topic.TopicLimits;
import io.varve.node.api.MetadataGrpcService;
import io.varve.node.api.MetadataGrpcService.ServerIdentity;
import io.varve.node.api.TopicGrpcService;
import io.varve.node.bootstrap.PartitionsStep.ChangeBell;
import io.varve.node.config.NodeConfig;
import io.varve.node.upkeep.DiskWatch;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes the public services, which every listener then serves. */
final class ServicesStep implements NodeStep {

    /** Unacknowledged batches of an idempotent producer per partition, as Kafka's producers have it. */
    private static final int MAX_IN_FLIGHT_BATCHES = 5;

    private final NodeConfig config;
    private final DataDirectoryStep data;
    private final QuorumStep quorum;
    private final Supplier<Controller> controller;
    private final PartitionsStep partitions;
    private final ChangeBell changes;
    private final DiskWatch disk;
    private @Nullable MetadataGrpcService metadata;
    private @Nullable TopicGrpcService topics;

    ServicesStep(
            NodeConfig config,
            DataDirectoryStep data,
            QuorumStep quorum,
            Supplier<Controller> controller,
            PartitionsStep partitions,
            ChangeBell changes,
            DiskWatch disk) {
        this.config = config;
        this.data = data;
        this.quorum = quorum;
        this.controller = controller;
        this.partitions = partitions;
        this.changes = changes;
        this.disk = disk;
    }

    @Override
    public String name() {
        return "services";
    }

    @Override
    public void start() {
        MetadataQuorum source = quorum.quorum();
        var made = new MetadataGrpcService(
                source::image,
                new ServerIdentity(
                        data.directory().identity().clusterId(),
                        config.identity().id(),
                        Version.CURRENT,
                        config.memory().maxBatchBytes(),
                        MAX_IN_FLIGHT_BATCHES,
                        TopicLimits.MAX_PARTITIONS));
        metadata = made;
        changes.listen(made.watchers()::imageChanged);
        topics = new TopicGrpcService(
                controller.get(),
                source::image,
                new DescribedPartitions(partitions.partitions(), disk),
                config.cluster().topicDefaults(),
                config.memory().maxBatchBytes());
    }

    List<ServerServiceDefinition> definitions() {
        return List.of(
                Objects.requireNonNull(topics).bindService(),
                Objects.requireNonNull(metadata).bindService());
    }

    @Override
    public void stop() {
        if (metadata != null) {
            metadata.watchers().close();
        }
    }
}
