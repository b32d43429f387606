// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import io.grpc.Server;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.varve.node.config.HostPort;
import io.varve.replication.LoopGroup;
import io.varve.replication.NodeFacts;
import io.varve.replication.Partition;
import io.varve.replication.PartitionEvents;
import io.varve.replication.PartitionRuntime;
import io.varve.replication.ReplicaSettings;
import io.varve.replication.link.NodeIdentity;
import io.varve.replication.link.ProtocolRange;
import io.varve.replication.protocol.PartitionState;
import io.varve.storage.DataDirectory;
import io.varve.storage.DirectoryIdentity;
import io.varve.storage.DirectorySettings;
import io.varve.storage.Durability;
import io.varve.storage.LogId;
import io.varve.storage.LogSettings;
import io.varve.storage.file.RealFiles;
import io.varve.transport.EventLoops;
import io.varve.transport.ServerFactory;
import io.varve.transport.ServerSettings;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The replication half of a node: a real directory, loops, and gRPC on loopback. */
final class PushNode implements NodeFacts, AutoCloseable {

    static final int MAX_BATCH = 1 << 20;

    private final int id;
    private final PushNetwork network;
    private final TestMetadata metadata;
    private final Durability durability;
    private final ExecutorService io = Executors.newFixedThreadPool(2, new DefaultThreadFactory("push-io", true));
    private final ExecutorService cold = Executors.newFixedThreadPool(2, new DefaultThreadFactory("push-cold", true));
    private final EventLoops loops;
    private final LoopGroup partitionLoops;
    private final DataDirectory directory;
    private final Map<LogId, Partition> partitions = new ConcurrentHashMap<>();
    private final AtomicLong sessions = new AtomicLong();
    private final PartitionRuntime runtime;
    private final Server server;
    final ReplicaPush push;
    private volatile long brokerEpoch;
    private volatile long appliedIndex;

    PushNode(int id, Path path, PushNetwork network, TestMetadata metadata, Durability durability) {
        this.id = id;
        this.network = network;
        this.metadata = metadata;
        this.durability = durability;
        this.loops = EventLoops.open("push-" + id, 1);
        this.partitionLoops = new LoopGroup(2, 8 << 20);
        try {
            RealFiles files = new RealFiles();
            if (!Files.exists(path)) {
                DataDirectory.format(files, path, new DirectoryIdentity(new UUID(1, 1), id, new UUID(2, id), 1));
            }
            directory = DataDirectory.open(files, path, DirectorySettings.of(io));
            NodeIdentity self = new NodeIdentity(new UUID(1, 1), id, UUID.randomUUID(), ProtocolRange.CURRENT);
            push = new ReplicaPush(
                    self,
                    new PushWorld(loops, partitionLoops, partitions::get, network::address, wanted()),
                    PushSettings.forBatchesUpTo(MAX_BATCH, "test"),
                    new InSyncRequests(id, Runnable::run, metadata::alter));
            runtime = new PartitionRuntime(
                    partitionLoops, cold, PooledByteBufAllocator.DEFAULT, PartitionEvents.NONE, this, push);
            server = new ServerFactory(
                            loops, ServerSettings.forBatchesUpTo(PushSettings.maxMessageBytes(MAX_BATCH)), cold)
                    .create(
                            new InetSocketAddress("127.0.0.1", 0),
                            List.of(push.service().bindService()))
                    .start();
            network.listening(id, new HostPort("127.0.0.1", server.getPort()));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        metadata.join(this);
    }

    private PushWorld.Metadata wanted() {
        return new PushWorld.Metadata() {
            @Override
            public long appliedIndex() {
                return appliedIndex;
            }

            @Override
            public void wanted(long index) {}
        };
    }

    int id() {
        return id;
    }

    int port() {
        return server.getPort();
    }

    @Override
    public long brokerEpoch() {
        return brokerEpoch;
    }

    @Override
    public long metadataIndex() {
        return appliedIndex;
    }

    @Override
    public long nextSession() {
        return sessions.incrementAndGet();
    }

    void registered(long epoch) {
        brokerEpoch = epoch;
        push.registered(epoch);
    }

    /** Called in the order of the images. */
    void apply(TestMetadata.Image image) {
        partitions.forEach((log, partition) -> {
            if (!log.topicId().equals(image.topic())) {
                partitions.remove(log);
                partition.close("the topic was deleted");
            }
        });
        image.states().forEach((number, state) -> {
            if (state.replicas().contains(id)) {
                take(new LogId(image.topic(), number), state, image);
            }
        });
        appliedIndex = image.index();
        push.imageApplied(image, image.epochs().keySet());
    }

    private void take(LogId log, PartitionState state, TestMetadata.Image image) {
        Partition partition = partitions.computeIfAbsent(log, this::open);
        var unused = partition.onMetadata(state, image);
    }

    private Partition open(LogId log) {
        try {
            ReplicaSettings settings =
                    new ReplicaSettings(id, durability, false, MAX_BATCH, ReplicaSettings.DEFAULT_STAGED_BYTES_MAX);
            return Partition.open(
                    "orders-" + log.partition(),
                    settings,
                    directory.create(log, LogSettings.DEFAULT.withDurability(durability)),
                    runtime);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    Partition partition(int number) {
        return Objects.requireNonNull(partitions.get(new LogId(metadata.image().topic(), number)));
    }

    /** As a shutdown does it. */
    @Override
    public void close() {
        try {
            metadata.leave(id);
            for (Partition partition : partitions.values()) {
                partition.close("the node shuts down").get(10, TimeUnit.SECONDS);
            }
            push.close();
            server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
            directory.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            partitionLoops.close();
            loops.close();
            io.shutdown();
            cold.shutdown();
        }
    }
}
