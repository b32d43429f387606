// SPDX-License-Identifier: Apache-2.0
package io.varve.client.fake;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.varve.proto.Uuids;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Node 1 of a cluster of one, in memory. All state is guarded by {@code this}. */
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
    private final Map<String, FakeTopic> topics = new LinkedHashMap<>();
    private final AtomicLong producerIds = new AtomicLong(1_000);
    final List<FakeSubscribe> subscribers = new ArrayList<>();
    final List<StreamObserver<?>> produceStreams = new ArrayList<>();
    volatile Function<ProduceBatch, Fault> faults = b -> Fault.NONE;
    public volatile int metadataRequests;
    public volatile int producesSeen;
    public volatile int addsSeen;

    public static FakeNode start() {
        return start(0);
    }

    public static FakeNode start(int port) {
        try {
            return new FakeNode(port);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private FakeNode(int wantedPort) throws IOException {
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

    public synchronized FakeTopic createTopic(String name, int partitions) {
        FakeTopic topic = new FakeTopic(name, partitions);
        topics.put(name, topic);
        return topic;
    }

    public synchronized void deleteTopic(String name) {
        topics.remove(name);
    }

    public synchronized @Nullable FakeTopic topic(String name) {
        return topics.get(name);
    }

    public FakeTopic required(String name) {
        return Objects.requireNonNull(topic(name));
    }

    synchronized List<FakeTopic> topics() {
        return List.copyOf(topics.values());
    }

    synchronized @Nullable FakeTopic topic(UUID id) {
        return topics.values().stream().filter(t -> t.id.equals(id)).findFirst().orElse(null);
    }

    /** Decides about each batch that arrives, on the event loop. */
    public void onProduce(Function<ProduceBatch, Fault> decision) {
        faults = decision;
    }

    /** Ends all Subscribe streams as a node does that goes away. */
    public synchronized void breakSubscriptions() {
        List.copyOf(subscribers).forEach(FakeSubscribe::breakOff);
    }

    /** Has subscribers sent what is new. */
    public synchronized void push() {
        List.copyOf(subscribers).forEach(FakeSubscribe::push);
    }

    private void initProducer(InitProducerRequest request, StreamObserver<InitProducerResponse> answer) {
        answer.onNext(InitProducerResponse.newBuilder()
                .setProducerId(producerIds.incrementAndGet())
                .build());
        answer.onCompleted();
    }

    private synchronized void listOffsets(ListOffsetsRequest request, StreamObserver<ListOffsetsResponse> answer) {
        ListOffsetsResponse.Builder response = ListOffsetsResponse.newBuilder();
        request.getQueriesList().forEach(q -> response.addResults(FakeMetadata.offset(this, q)));
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
        executor.shutdownNow();
        loops.close();
    }

    /** A topic: its id changes when it is created again. */
    public static final class FakeTopic {
        public final String name;
        public final UUID id = Uuids.random();
        public final List<FakeLog> logs = new ArrayList<>();

        FakeTopic(String name, int partitions) {
            this.name = name;
            for (int i = 0; i < partitions; i++) {
                logs.add(new FakeLog());
            }
        }

        public FakeLog log(int partition) {
            return logs.get(partition);
        }
    }
}
