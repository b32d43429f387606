// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.varve.proto.internal.v1.HelloVerdict;
import io.varve.record.BatchBuilder;
import io.varve.record.BatchHeader;
import io.varve.record.Codec;
import io.varve.replication.Acks;
import io.varve.replication.Append;
import io.varve.replication.AppendResult;
import io.varve.replication.OffsetAnswer;
import io.varve.replication.Partition;
import io.varve.replication.PartitionStatus;
import io.varve.replication.PartitionView;
import io.varve.replication.leader.FollowerView;
import io.varve.replication.link.PeerFrame;
import io.varve.replication.link.ProtocolRange;
import io.varve.replication.protocol.LeaderPosition;
import io.varve.replication.protocol.PartitionState;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.storage.Chunk;
import io.varve.storage.Durability;
import io.varve.transport.ExchangeFrame;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes' replication halves over real gRPC on loopback. Every test must leave no chunk open. */
class ReplicaPushTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path disk;

    private final TestMetadata metadata = new TestMetadata();
    private final PushNetwork network = new PushNetwork();
    private final Map<Integer, PushNode> nodes = new TreeMap<>();

    @AfterEach
    void shouldLeaveNoChunkOpen() {
        nodes.values().forEach(PushNode::close);
        network.close();
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(Chunk.openCount()).as("open chunks").isZero());
    }

    @Test
    void shouldAcknowledgeWhatTheFollowerHas() {
        start(1, 2);
        metadata.set(0, state(1, List.of(1, 2), List.of(1, 2), 2));

        for (int i = 0; i < 50; i++) {
            assertThat(get(append(1, 0, batch(2, 100)))).isInstanceOf(AppendResult.Appended.class);
        }

        assertThat(node(2).partition(0).status().positions().flushedEndOffset()).isEqualTo(100);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(node(2).partition(0).highWatermark()).isEqualTo(100));
    }

    @Test
    void shouldTellHowFarEachFollowerIs() {
        start(1, 2);
        metadata.set(0, state(1, List.of(1, 2), List.of(1, 2), 2));
        get(append(1, 0, batch(7, 100)));

        PartitionView view = get(node(1).partition(0).view());

        assertThat(view.isr()).containsExactly(1, 2);
        assertThat(view.followers()).hasSize(1);
        FollowerView follower = view.followers().get(0);
        assertThat(follower.state()).isEqualTo(FollowerView.State.STREAM);
        assertThat(follower.match().flushedEndOffset()).isEqualTo(7);
        assertThat(get(node(1).push.links()))
                .singleElement()
                .satisfies(link -> assertThat(link.up()).isTrue());
    }

    @Test
    void shouldBringBackAFollowerThatWasAway() {
        start(1, 2);
        metadata.set(0, state(1, List.of(1, 2), List.of(1, 2), 1));
        get(append(1, 0, batch(10, 100)));
        node(2).close();
        metadata.set(0, new PartitionState(1, 1, 1, List.of(1, 2), List.of(1), List.of(), 1, 0));
        for (int i = 0; i < 20; i++) {
            get(append(1, 0, batch(10, 1_000)));
        }

        start(2);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(metadata.state(0).isr()).containsExactlyInAnyOrder(1, 2));
        assertThat(node(2).partition(0).status().positions().logEndOffset()).isEqualTo(210);
        assertThat(get(append(1, 0, batch(1, 100)))).isInstanceOf(AppendResult.Appended.class);
    }

    @Test
    void shouldDropAtFollowersWhatTheLeaderDrops() {
        start(1, 2);
        metadata.set(0, state(1, List.of(1, 2), List.of(1, 2), 2));
        for (int i = 0; i < 10; i++) {
            get(append(1, 0, batch(3, 100)));
        }

        assertThat(get(node(1).partition(0).trim(7)))
                .isEqualTo(new OffsetAnswer.Found(7, OffsetAnswer.NO_TIMESTAMP, 1));

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                node(2).partition(0).status().positions().logStartOffset())
                        .isEqualTo(7));
        node(2).close();
        start(2);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                node(2).partition(0).status().positions().logStartOffset())
                        .isEqualTo(7));
    }

    @Test
    void shouldTellAFollowerThatBeginsAnewOfProducersWhoseBatchesAreGone() { // P41
        start(1, 2);
        metadata.set(0, state(1, List.of(1, 2), List.of(1, 2), 1));
        get(append(1, 0, batch(2, 100)));
        node(2).close();
        metadata.set(0, new PartitionState(1, 1, 1, List.of(1, 2), List.of(1), List.of(), 1, 0));
        assertThat(get(append(1, 0, firstOf(77)))).isInstanceOf(AppendResult.Appended.class);
        get(append(1, 0, batch(4, 100)));
        get(node(1).partition(0).trim(8)); // inside of the last batch

        start(2);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(metadata.state(0).isr()).containsExactlyInAnyOrder(1, 2));
        metadata.lead(0, 2);

        assertThat(get(append(2, 0, firstOf(77))))
                .isInstanceOfSatisfying(
                        AppendResult.Appended.class,
                        appended -> assertThat(appended.baseOffset()).isEqualTo(2));
        assertThat(node(2).partition(0).status().positions().logStartOffset()).isEqualTo(8);
    }

    @Test
    void shouldGoOnWhenAllConnectionsBreak() {
        network.watch(2);
        start(1, 2);
        metadata.set(0, state(1, List.of(1, 2), List.of(1, 2), 2));
        get(append(1, 0, batch(1, 100)));
        List<CompletableFuture<AppendResult>> results = new ArrayList<>();

        for (int i = 0; i < 200; i++) {
            if (i % 50 == 25) {
                network.cut(2);
            }
            results.add(append(1, 0, batch(1, 50_000)));
        }

        results.forEach(result -> assertThat(get(result)).isInstanceOf(AppendResult.Appended.class));
        assertThat(node(2).partition(0).status().positions().flushedEndOffset()).isEqualTo(201);
    }

    @Test
    void shouldNotLetOneFollowerWaitForAnother() {
        network.watch(3);
        start(1, 2, 3);
        metadata.set(0, state(1, List.of(1, 2, 3), List.of(1, 2), 2));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(metadata.state(0).isr()).hasSize(3));
        metadata.set(0, without(metadata.state(0), 3));
        network.hold(3, true);

        long most = 0;
        for (int i = 0; i < 120; i++) {
            assertThat(get(append(1, 0, batch(1, 200_000)))).isInstanceOf(AppendResult.Appended.class);
            most = Math.max(most, Chunk.openBytes());
        }

        assertThat(most).as("bytes held for everybody").isLessThan(64L << 20);
        network.hold(3, false);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(metadata.state(0).isr()).hasSize(3));
        assertThat(node(3).partition(0).status().positions().logEndOffset()).isEqualTo(120);
    }

    @Test
    void shouldChangeLeadersWithoutLosingAnything() {
        start(1, 2, 3);
        metadata.set(0, state(1, List.of(1, 2, 3), List.of(1, 2, 3), 2));
        int appended = 0;

        for (int round = 0; round < 6; round++) {
            int leader = 1 + round % 3;
            if (round > 0) {
                metadata.lead(0, leader);
            }
            for (int i = 0; i < 10; i++) {
                CompletableFuture<AppendResult> result = append(leader, 0, batch(1, 100));
                if (get(result) instanceof AppendResult.Appended) {
                    appended++;
                }
            }
        }

        assertThat(appended).isGreaterThan(40);
        int committed = appended;
        await().atMost(PATIENCE).untilAsserted(() -> {
            for (PushNode node : nodes.values()) {
                assertThat(node.partition(0).highWatermark())
                        .as("node " + node.id())
                        .isEqualTo(committed);
            }
        });
    }

    @Test
    void shouldReplicateANewTopicInThePlaceOfAnOldOne() {
        start(1, 2);
        metadata.set(0, state(1, List.of(1, 2), List.of(1, 2), 2));
        List<CompletableFuture<AppendResult>> late = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            late.add(append(1, 0, batch(1, 10_000)));
        }

        metadata.recreate(new UUID(5, 6));

        late.forEach(ReplicaPushTest::get);
        assertThat(get(append(1, 0, batch(3, 100)))).isInstanceOf(AppendResult.Appended.class);
        assertThat(node(2).partition(0).status().positions().logEndOffset()).isEqualTo(3);
    }

    @Test
    void shouldEndAStreamThatBringsDamage() throws Exception {
        start(1);
        metadata.set(0, state(1, List.of(1), List.of(1), 1));
        PushNode node = node(1);
        try (RawPeer peer = new RawPeer(node.port())) {
            peer.send(RequestFrames.encode(new PeerFrame.Hello(
                    new UUID(1, 1),
                    9,
                    1,
                    new UUID(9, 9),
                    ProtocolRange.CURRENT,
                    1,
                    PeerStream.DATA,
                    new PeerFrame.Target(1, node.brokerEpoch()))));
            assertThat(peer.nextAnswer().getHello().getVerdict()).isEqualTo(HelloVerdict.HELLO_VERDICT_ACCEPTED);
            Chunk chunk = batch(1, 100);
            ExchangeFrame frame = RequestFrames.encode(new PeerFrame.Messages(List.of(new ReplicaMessage.Append(
                    node.partition(0).id(), 1, 1, 0, 0, List.of(chunk), new LeaderPosition(0, 0, 1)))));
            chunk.buffer().setByte(0, 1);

            peer.send(frame);
            chunk.release();

            assertThat(peer.ended().getCode()).isEqualTo(Status.Code.DATA_LOSS);
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(node.push.inboundStreams()))
                        .as("streams")
                        .isZero());
    }

    @Test
    void shouldReplicateManyPartitionsAtOnce() {
        start(1, 2, 3);
        int partitions = 60;
        for (int i = 0; i < partitions; i++) {
            metadata.set(i, state(1 + i % 3, List.of(1, 2, 3), List.of(1, 2, 3), 2));
        }
        List<CompletableFuture<AppendResult>> results = new ArrayList<>();

        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < partitions; i++) {
                results.add(append(1 + i % 3, i, batch(1, 500)));
            }
        }

        results.forEach(result -> assertThat(get(result)).isInstanceOf(AppendResult.Appended.class));
        await().atMost(PATIENCE).untilAsserted(() -> {
            for (PushNode node : nodes.values()) {
                for (int i = 0; i < partitions; i++) {
                    assertThat(node.partition(i).highWatermark()).isEqualTo(20);
                }
            }
        });
    }

    // ---- helpers

    private PushNode node(int id) {
        return Objects.requireNonNull(nodes.get(id));
    }

    private void start(int... ids) {
        for (int id : ids) {
            nodes.put(id, new PushNode(id, disk.resolve("node-" + id), network, metadata, Durability.FLUSHED));
        }
    }

    static PartitionState state(int leader, List<Integer> replicas, List<Integer> isr, int minIsr) {
        return new PartitionState(leader, 1, 0, replicas, isr, List.of(), minIsr, 0);
    }

    private static PartitionState without(PartitionState state, int node) {
        return new PartitionState(
                state.leader(),
                state.leaderEpoch(),
                state.partitionEpoch() + 1,
                state.replicas(),
                state.isr().stream().filter(member -> member != node).toList(),
                List.of(),
                state.minIsr(),
                0);
    }

    private CompletableFuture<AppendResult> append(int node, int partition, Chunk chunk) {
        Partition leader = node(node).partition(partition);
        int epoch = metadata.state(partition).leaderEpoch();
        await().pollInterval(Duration.ofMillis(1)).atMost(PATIENCE).until(() -> {
            PartitionStatus status = leader.status();
            return status.state() == PartitionStatus.State.LEADING && status.leaderEpoch() == epoch;
        });
        return append(leader, chunk);
    }

    static CompletableFuture<AppendResult> append(Partition partition, Chunk chunk) {
        CompletableFuture<AppendResult> result = new CompletableFuture<>();
        partition.append(new Append(
                chunk, Acks.ALL, Append.ANY_EPOCH, System.nanoTime() + PATIENCE.toNanos(), result::complete));
        return result;
    }

    static Chunk batch(int records, int valueBytes) {
        return batch(
                records,
                valueBytes,
                BatchHeader.NO_PRODUCER_ID,
                BatchHeader.NO_PRODUCER_EPOCH,
                BatchHeader.NO_SEQUENCE);
    }

    private static Chunk firstOf(long producerId) {
        return batch(5, 100, producerId, (short) 0, 0);
    }

    private static Chunk batch(int records, int valueBytes, long producerId, short producerEpoch, int sequence) {
        BatchBuilder builder = new BatchBuilder(Codec.NONE, 8 << 20);
        for (int i = 0; i < records; i++) {
            if (!builder.tryAppend(1_000 + i, (byte[]) null, new byte[valueBytes], List.of())) {
                throw new IllegalStateException("full");
            }
        }
        ByteBuffer built = builder.build(producerId, producerEpoch, sequence);
        ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(built.remaining(), built.remaining());
        return Chunk.of(buffer.writeBytes(built));
    }

    static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
