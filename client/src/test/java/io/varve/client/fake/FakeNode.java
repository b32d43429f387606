// SPDX-License-Identifier: Apache-2.0
package io.varve.client.fake;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.varve.client.fake.FakeCluster.FakeTopic;
import io.varve.proto.v1.ClusterMetadata;
import io.varve.proto.v1.ConsumeServiceGrpc;
import io.varve.proto.v1.InitProducerRequest;
import io.varve.proto.v1.InitProducerResponse;
import io.varve.proto.v1.ListOffsetsRequest;
import io.varve.proto.v1.ListOffsetsResponse;
import io.varve.proto.v1.ProduceServiceGrpc;
import io.varve.transport.BulkMethods;
import io.varve.transport.EventLoops;
import io.varve.transport.ProduceBatch;
import io.varve.transport.ServerFactory;
import io.varve.transport.ServerSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A node in memory, of a cluster of its own or of several. All state is guarded by its cluster. */
public final class FakeNode implements AutoCloseable {
    public static final int MAX_BATCH_BYTES = 1 << 20;

    /** What to do with a batch instead of the ordinary. */
    public enum Fault {
        NONE,
        /** Refused with NOT_LEADER_OR_FOLLOWER. */
        NOT_LEADER,
        /** Refused with DISK_FULL. */
        DISK_FULL,
        /** Stored, and the stream is broken before the answer. */
        BREAK_AFTER,
        /** The stream is broken before it is stored. */
        BREAK_BEFORE,
        /** Stored, and never answered. */
        SILENT
    }

    private final EventLoops loops = EventLoops.open("fake-node", 1);
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final Server server;
    private final int port;
    private final AtomicLong producerIds = new AtomicLong();
    public final FakeCluster cluster;
    public final int id;
    final List<FakeSubscribe> subscribers = new ArrayList<>();
    final List<FakeWatch> watchers = new ArrayList<>();
    final ScheduledExecutorService signs = Executors.newSingleThreadScheduledExecutor();
    volatile boolean still;
    volatile int throttleMs;
    private @Nullable ClusterMetadata lagging;
    final List<StreamObserver<?>> produceStreams = new ArrayList<>();
    volatile Function<ProduceBatch, Fault> faults = b -> Fault.NONE;
    public volatile int watchesSeen;
    public volatile int metadataRequests;
    public volatile int producesSeen;
    public volatile int addsSeen;

    /** Node 1, alone. */
    public static FakeNode start() {
        return start(0);
    }

    public static FakeNode start(int port) {
        return start(FakeCluster.start(0), 1, port);
    }

    static FakeNode start(FakeCluster cluster, int id, int port) {
        try {
            FakeNode node = new FakeNode(cluster, id, port);
            cluster.joined(node);
            return node;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private FakeNode(FakeCluster cluster, int id, int wantedPort) throws IOException {
        this.cluster = cluster;
        this.id = id;
        ServerServiceDefinition produce = ServerServiceDefinition.builder(ProduceServiceGrpc.SERVICE_NAME)
                .addMethod(
                        BulkMethods.produce(UnpooledByteBufAllocator.DEFAULT, MAX_BATCH_BYTES),
                        ServerCalls.asyncBidiStreamingCall(answers -> new FakeProduce(this, answers)))
                .addMethod(ProduceServiceGrpc.getInitProducerMethod(), ServerCalls.asyncUnaryCall(this::initProducer))
                .build();
        ServerServiceDefinition consume = ServerServiceDefinition.builder(ConsumeServiceGrpc.SERVICE_NAME)
                .addMethod(
                        BulkMethods.subscribe(UnpooledByteBufAllocator.DEFAULT, MAX_BATCH_BYTES),
                        ServerCalls.asyncBidiStreamingCall(answers -> new FakeSubscribe(this, answers)))
                .addMethod(ConsumeServiceGrpc.getListOffsetsMethod(), ServerCalls.asyncUnaryCall(this::listOffsets))
                .build();
        server = new ServerFactory(loops, ServerSettings.forBatchesUpTo(MAX_BATCH_BYTES), executor)
                .create(
                        new InetSocketAddress("localhost", wantedPort),
                        List.of(
                                produce,
                                consume,
                                new FakeMetadata(this).bindService(),
                                new FakeTopics(this).bindService()))
                .start();
        this.port = server.getPort();
    }

    public int port() {
        return port;
    }

    public String address() {
        return "localhost:" + port();
    }

    public FakeTopic createTopic(String name, int partitions) {
        return cluster.createTopic(name, partitions);
    }

    public void deleteTopic(String name) {
        cluster.deleteTopic(name);
    }

    public @Nullable FakeTopic topic(String name) {
        return cluster.topic(name);
    }

    public FakeTopic required(String name) {
        return Objects.requireNonNull(topic(name));
    }

    List<FakeTopic> topics() {
        return cluster.topics();
    }

    @Nullable
    FakeTopic topic(UUID topicId) {
        return cluster.topic(topicId);
    }

    /** Takes connections and calls from now on, and answers nothing any more, as a stopped process does. */
    public void standStill() {
        synchronized (cluster) {
            still = true;
        }
    }

    /** Answers questions about metadata from now on with what it knows now. */
    public void lag() {
        synchronized (cluster) {
            lagging = cluster.metadata();
        }
    }

    /** What the node knows. */
    ClusterMetadata metadata() {
        synchronized (cluster) {
            return lagging == null ? cluster.metadata() : lagging;
        }
    }

    /** With the cluster's lock. */
    void metadataChanged() {
        List.copyOf(watchers).forEach(FakeWatch::send);
    }

    /** With the cluster's lock. */
    void ledElsewhere(FakeTopic topic, int partition) {
        if (!still) {
            List.copyOf(subscribers).forEach(s -> s.ledElsewhere(topic, partition));
        }
    }

    /** What refusals ask for before the next attempt. */
    public void throttle(Duration pause) {
        throttleMs = (int) pause.toMillis();
    }

    /** Decides about each batch that arrives, on the event loop. */
    public void onProduce(Function<ProduceBatch, Fault> decision) {
        faults = decision;
    }

    /** Ends all Subscribe streams as a node does that goes away. */
    public void breakSubscriptions() {
        synchronized (cluster) {
            List.copyOf(subscribers).forEach(FakeSubscribe::breakOff);
        }
    }

    /** Has subscribers sent what is new. */
    public void push() {
        synchronized (cluster) {
            List.copyOf(subscribers).forEach(FakeSubscribe::push);
        }
    }

    private void initProducer(InitProducerRequest request, StreamObserver<InitProducerResponse> answer) {
        if (still) {
            return;
        }
        answer.onNext(InitProducerResponse.newBuilder()
                .setProducerId(1_000L * id + producerIds.incrementAndGet())
                .build());
        answer.onCompleted();
    }

    private void listOffsets(ListOffsetsRequest request, StreamObserver<ListOffsetsResponse> answer) {
        if (still) {
            return;
        }
        ListOffsetsResponse.Builder response = ListOffsetsResponse.newBuilder();
        synchronized (cluster) {
            request.getQueriesList().forEach(q -> response.addResults(FakeMetadata.offset(this, q)));
        }
        answer.onNext(response.build());
        answer.onCompleted();
    }

    @Override
    public void close() {
        server.shutdownNow();
        try {
            server.awaitTermination();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        signs.shutdownNow();
        executor.shutdownNow();
        loops.close();
    }
}
