// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.ProduceResponse;
import io.varve.proto.v1.SubscribeRequest;
import io.varve.replication.LoopGroup;
import io.varve.replication.Partition;
import io.varve.replication.PartitionEvents;
import io.varve.replication.PartitionRuntime;
import io.varve.replication.ReplicaSettings;
import io.varve.storage.Chunk;
import io.varve.storage.DataDirectory;
import io.varve.storage.DirectoryIdentity;
import io.varve.storage.DirectorySettings;
import io.varve.storage.Durability;
import io.varve.storage.LogId;
import io.varve.storage.LogSettings;
import io.varve.storage.file.RealFiles;
import io.varve.transport.BulkMethods;
import io.varve.transport.ChannelFactory;
import io.varve.transport.ChannelSettings;
import io.varve.transport.EventLoops;
import io.varve.transport.ProduceBatch;
import io.varve.transport.ServerFactory;
import io.varve.transport.ServerSettings;
import io.varve.transport.SubscribeBatches;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The data services on a loopback listener over a real directory, without a metadata plane. Closing it looks for buffers left open. */
final class DataServer implements AutoCloseable {
    static final int MAX_BATCH = 1 << 20;
    static final int TOPIC_MAX_BATCH = 512 << 10;
    static final UUID TOPIC = new UUID(3, 4);
    static final String NAME = "orders";
    static final int PARTITIONS = 2;
    static final int EPOCH = 5;

    /** What a test may set. */
    static final class Setup {
        DataLimits limits = DataLimits.forBatchesUpTo(MAX_BATCH);
        long budgetBytes = 64L << 20;
        long tailBytes = 8L << 20;
        ByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);
        int clientWindow = 4 << 20;
        LogSettings log = LogSettings.DEFAULT;
    }

    final ByteBufAllocator nodeBuffers;
    final UnpooledByteBufAllocator clientBuffers = new UnpooledByteBufAllocator(false, true);
    final ByteBudget budget;
    final ManagedChannel channel;
    final ProduceGrpcService produce;
    final ConsumeGrpcService consume;
    /** Who leads every partition, as the metadata has it. */
    volatile int leads = 1;

    /** Whether the port between nodes is reached. */
    volatile boolean leaderReached = true;

    volatile @Nullable String diskFull;
    volatile int throttleMillis;
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final ExecutorService io = Executors.newFixedThreadPool(2, new DefaultThreadFactory("node-io"));
    private final ExecutorService cold = Executors.newFixedThreadPool(2, new DefaultThreadFactory("node-cold"));
    private final ExecutorService answers = Executors.newCachedThreadPool();
    private final Queue<Runnable> held = new ConcurrentLinkedQueue<>();
    private volatile Executor ioGate = io;
    private final Map<LogId, Partition> partitions = new ConcurrentHashMap<>();
    private final EventLoops eventLoops = EventLoops.open("node", 2);
    private final EventLoops clientLoops = EventLoops.open("client", 1);
    private final DataDirectory directory;
    private final LoopGroup loops;
    private final Server server;
    private final Setup setup;
    private final DataPlane plane;

    DataServer(Path path) {
        this(path, new Setup());
    }

    DataServer(Path path, Setup setup) {
        try {
            this.setup = setup;
            nodeBuffers = setup.allocator;
            budget = new ByteBudget(setup.budgetBytes);
            RealFiles files = new RealFiles();
            Path data = path.resolve("data");
            DataDirectory.format(files, data, new DirectoryIdentity(new UUID(1, 1), 1, new UUID(2, 2), 1));
            directory = DataDirectory.open(files, data, DirectorySettings.of(task -> ioGate.execute(task)));
            loops = new LoopGroup(1, setup.tailBytes);
            PartitionRuntime runtime =
                    new PartitionRuntime(loops, cold, nodeBuffers, PartitionEvents.NONE, SoleNode.ONE);
            for (int i = 0; i < PARTITIONS; i++) {
                open(i, runtime);
            }
            plane = new DataPlane(
                    lookup(), new Gate(), budget, eventLoops.workers(), answers, nodeBuffers, setup.limits);
            AtomicLong ids = new AtomicLong(1000);
            produce = new ProduceGrpcService(plane, () -> CompletableFuture.completedFuture(ids.getAndIncrement()));
            consume = new ConsumeGrpcService(plane);
            server = new ServerFactory(eventLoops, ServerSettings.forBatchesUpTo(MAX_BATCH), answers)
                    .create(
                            new InetSocketAddress("127.0.0.1", 0),
                            List.of(
                                    produce.bindService(),
                                    consume.bindService(),
                                    new RecordGrpcService(plane, leaders(plane)).bindService(),
                                    new ForwardGrpcService(plane).bindService()))
                    .start();
            channel = newChannel();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void open(int number, PartitionRuntime runtime) throws Exception {
        LogId id = new LogId(TOPIC, number);
        ReplicaSettings settings = new ReplicaSettings(
                1, Durability.FLUSHED, false, TOPIC_MAX_BATCH, ReplicaSettings.DEFAULT_STAGED_BYTES_MAX);
        Partition partition = Partition.open(NAME + "-" + number, settings, directory.create(id, setup.log), runtime);
        partition.onMetadata(SoleNode.leads(EPOCH), SoleNode.ONE).get(10, TimeUnit.SECONDS);
        partitions.put(id, partition);
    }

    /** Passes what node {@link #leads} leads on to this same server, under that node's hat. */
    private LeaderCalls leaders(DataPlane plane) {
        return new ForwardedCalls(
                1, plane.lookup(), node -> leaderReached ? Optional.of(channel()) : Optional.empty(), setup.limits);
    }

    RecordDeletions deletions() {
        return new RecordDeletions(plane.lookup(), leaders(plane));
    }

    private ManagedChannel channel() {
        return channel;
    }

    private PartitionLookup lookup() {
        return new PartitionLookup() {
            @Override
            public @Nullable Partition find(UUID topicId, int partition) {
                return partition < 0 ? null : partitions.get(new LogId(topicId, partition));
            }

            @Override
            public Error whyMissing(UUID topicId, int partition) {
                return topicId.equals(TOPIC)
                        ? ErrorReasons.error(
                                ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION, "no partition " + partition)
                        : ErrorReasons.error(ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_ID, "no topic " + topicId);
            }

            @Override
            public Map<String, String> leader(UUID topicId, int partition) {
                return Map.of("leader", Integer.toString(leads), "leaderEpoch", "6");
            }

            @Override
            public @Nullable Topic topic(String name) {
                return name.equals(NAME) ? new Topic(NAME, TOPIC, PARTITIONS) : null;
            }

            @Override
            public Error whyNoTopic(String name) {
                return ErrorReasons.error(ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION, "no topic " + name);
            }
        };
    }

    /** One more connection. */
    ManagedChannel newChannel() {
        ChannelSettings settings = new ChannelSettings(
                MAX_BATCH + (64 << 10),
                setup.clientWindow,
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                "test");
        ManagedChannel created = new ChannelFactory(clientLoops, settings).create("127.0.0.1", server.getPort());
        channels.add(created);
        return created;
    }

    ClientCall<ProduceBatch, ProduceResponse> produceCall() {
        return channel.newCall(BulkMethods.produce(clientBuffers, MAX_BATCH), CallOptions.DEFAULT);
    }

    ClientCall<SubscribeRequest, SubscribeBatches> subscribeCall() {
        return channel.newCall(BulkMethods.subscribe(clientBuffers, 2 * MAX_BATCH), BulkMethods.callOptions());
    }

    Partition partition(int number) {
        Partition partition = partitions.get(new LogId(TOPIC, number));
        if (partition == null) {
            throw new IllegalStateException("no partition " + number);
        }
        return partition;
    }

    /** Writes and flushes wait from now on. */
    void stopDisk() {
        ioGate = held::add;
    }

    void resumeDisk() {
        ioGate = io;
        for (Runnable task = held.poll(); task != null; task = held.poll()) {
            io.execute(task);
        }
    }

    @Override
    public void close() {
        try {
            resumeDisk();
            for (ManagedChannel open : channels) {
                open.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
            }
            server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
            for (Partition partition : partitions.values()) {
                partition.close("the test is over").get(10, TimeUnit.SECONDS);
            }
            directory.close();
            await().untilAsserted(() -> {
                assertThat(budget.takenBytes()).as("budget").isZero();
                assertThat(Chunk.openCount()).as("open chunks").isZero();
                if (nodeBuffers instanceof UnpooledByteBufAllocator counted) {
                    assertThat(counted.metric().usedDirectMemory())
                            .as("node's buffers")
                            .isZero();
                }
            });
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            clientLoops.close();
            eventLoops.close();
            loops.close();
            io.shutdown();
            cold.shutdown();
            answers.shutdown();
        }
    }

    private final class Gate implements AppendGate {
        @Override
        public @Nullable String refusal() {
            return diskFull;
        }

        @Override
        public int throttleMillis() {
            return throttleMillis;
        }
    }
}
