// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.grpc.ServerServiceDefinition;
import io.netty.buffer.PooledByteBufAllocator;
import io.varve.metadata.Controller;
import io.varve.metadata.MetadataQuorum;
import io.varve.metadata.topic.TopicLimits;
import io.varve.node.api.Failures;
import io.varve.node.api.MetadataGrpcService;
import io.varve.node.api.MetadataGrpcService.ServerIdentity;
import io.varve.node.api.TopicGrpcService;
import io.varve.node.bootstrap.PartitionsStep.ChangeBell;
import io.varve.node.broker.ProducerIdBlocks;
import io.varve.node.config.NodeConfig;
import io.varve.node.data.ByteBudget;
import io.varve.node.data.ConsumeGrpcService;
import io.varve.node.data.DataLimits;
import io.varve.node.data.DataPlane;
import io.varve.node.data.ProduceGrpcService;
import io.varve.node.data.ProducerIds;
import io.varve.node.data.RecordGrpcService;
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
    private final ThreadsStep threads;
    private final DataDirectoryStep data;
    private final QuorumStep quorum;
    private final Supplier<Controller> controller;
    private final PartitionsStep partitions;
    private final ChangeBell changes;
    private final DiskWatch disk;
    private @Nullable MetadataGrpcService metadata;
    private @Nullable TopicGrpcService topics;
    private @Nullable ProduceGrpcService produce;
    private @Nullable ConsumeGrpcService consume;
    private @Nullable RecordGrpcService records;

    ServicesStep(
            NodeConfig config,
            ThreadsStep threads,
            DataDirectoryStep data,
            QuorumStep quorum,
            Supplier<Controller> controller,
            PartitionsStep partitions,
            ChangeBell changes,
            DiskWatch disk) {
        this.config = config;
        this.threads = threads;
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
        DataPlane plane = new DataPlane(
                new TableLookup(partitions.partitions().table(), source::image),
                () -> disk.isFull() ? disk.sentence() : null,
                new ByteBudget(config.memory().chunkBudgetBytes()),
                threads.network().workers(),
                threads.calls(),
                PooledByteBufAllocator.DEFAULT,
                DataLimits.forBatchesUpTo(config.memory().maxBatchBytes()));
        produce = new ProduceGrpcService(plane, producerIds());
        consume = new ConsumeGrpcService(plane);
        records = new RecordGrpcService(plane);
    }

    /** Ends the streams, which would otherwise go on for ever. */
    void endStreams() {
        if (metadata != null) {
            metadata.watchers().close();
        }
        if (produce != null) {
            produce.close();
        }
        if (consume != null) {
            consume.close();
        }
    }

    private ProducerIds producerIds() {
        ProducerIdBlocks blocks = new ProducerIdBlocks(partitions.session()::allocateProducerIds);
        return () -> blocks.next().handle((id, failure) -> {
            if (failure != null) {
                throw Failures.toStatus(failure);
            }
            return id;
        });
    }

    List<ServerServiceDefinition> definitions() {
        return List.of(
                Objects.requireNonNull(topics).bindService(),
                Objects.requireNonNull(metadata).bindService(),
                Objects.requireNonNull(produce).bindService(),
                Objects.requireNonNull(consume).bindService(),
                Objects.requireNonNull(records).bindService());
    }

    @Override
    public void stop() {
        endStreams();
    }
}
