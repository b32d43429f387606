// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.Durability;
import io.varve.metadata.image.FeatureRange;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.MetadataRecord.BrokerRecord;
import io.varve.metadata.image.MetadataRecord.PartitionRecord;
import io.varve.metadata.image.MetadataRecord.TopicRecord;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.PartitionImage.Assignment;
import io.varve.metadata.image.PartitionImage.InSync;
import io.varve.metadata.image.PartitionImage.Leadership;
import io.varve.replication.Acks;
import io.varve.storage.LogId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Three nodes and one partition, of which a test says what it looks like; min is 2. */
final class FakeCluster implements ClusterView {
    static final UUID TOPIC = new UUID(7, 7);
    static final LogId LOG = new LogId(TOPIC, 0);
    static final int RECORDS = 2;

    final Checker checker = new Checker(this);
    final Map<Integer, FakeReplica> replicas = new TreeMap<>();
    final Map<Integer, Long> brokerEpochs = new TreeMap<>();
    final Map<Integer, MetadataImage> applied = new TreeMap<>();
    final Durability durability;
    final Map<Integer, Integer> incarnations = new TreeMap<>();
    MetadataImage image = MetadataImage.EMPTY;
    long boundValue;
    long bytesInFlight;
    private int min = 2;
    private int partitionEpoch;
    private long nextValue;

    FakeCluster(Durability durability) {
        this.durability = durability;
        for (int node = 1; node <= 3; node++) {
            replicas.put(node, new FakeReplica(durability));
            register(node);
        }
        image = image.plus(new TopicRecord(TOPIC, "t", new TreeMap<>(), durability));
    }

    /** Leader 1 of epoch 1 with everybody in sync. */
    static FakeCluster healthy() {
        return healthy(Durability.FLUSHED);
    }

    static FakeCluster healthy(Durability durability) {
        FakeCluster cluster = new FakeCluster(durability);
        cluster.metadata(1, 1, List.of(1, 2, 3), List.of(), 0);
        cluster.lead(1, 1);
        return cluster;
    }

    // ---- what happens

    UUID incarnation(int node) {
        return new UUID(node, incarnations.getOrDefault(node, 0));
    }

    void register(int node) {
        register(node, incarnation(node));
    }

    void register(int node, UUID incarnation) {
        long index = image.index() + 1;
        image = image.plus(new BrokerRecord(new BrokerImage(
                        node,
                        index,
                        new BrokerImage.Identity(new UUID(1, node), incarnation),
                        List.of(),
                        "",
                        new FeatureRange(1, 1),
                        new BrokerImage.Liveness(false, false, 0),
                        List.of())))
                .at(index, 1);
        brokerEpochs.put(node, index);
        checker.committed(image);
    }

    void shutDown(int node) {
        BrokerImage broker = image.broker(node).orElseThrow();
        image = image.plus(new BrokerRecord(broker.shutDown())).at(image.index() + 1, 1);
        checker.committed(image);
    }

    /** The next entry changes the partition twice. */
    void skipPartitionEpoch() {
        partitionEpoch++;
    }

    void metadata(int leader, int leaderEpoch, List<Integer> isr, List<Integer> elr, int uncleanEpoch) {
        metadata(new PartitionImage(
                0,
                new Assignment(List.of(1, 2, 3), List.of(new UUID(1, 1), new UUID(1, 2), new UUID(1, 3))),
                new InSync(isr, elr, List.of()),
                new Leadership(leader, leaderEpoch),
                ++partitionEpoch,
                min,
                durability,
                uncleanEpoch));
    }

    /** Somebody changes the minimum. */
    void minimum(int to, int leaderEpoch, List<Integer> isr) {
        min = to;
        metadata(isr.isEmpty() ? 0 : isr.get(0), leaderEpoch, isr, List.of(), 0);
    }

    void metadata(PartitionImage partition) {
        image = image.plus(new PartitionRecord(TOPIC, partition)).at(image.index() + 1, 1);
        checker.committed(image);
    }

    void lead(int node, int leaderEpoch) {
        FakeReplica replica = replica(node);
        replica.leading = true;
        replica.leaderEpoch = leaderEpoch;
        replica.epochStart = replica.staged;
        checker.touched(node, LOG);
    }

    /** Everybody appends the batch and has it safe, by the durability of the topic; nothing is committed. */
    long appendEverywhere(int leaderEpoch) {
        long id = send(Acks.ALL);
        for (int node : replicas.keySet()) {
            append(node, leaderEpoch, id);
        }
        return id;
    }

    long send(Acks acks) {
        return send(new Sending(1, nextValue += RECORDS, RECORDS, acks, -1, (short) -1, -1, true));
    }

    long send(Sending sending) {
        long id = BatchId.mix(sending.hashCode());
        checker.sent(LOG, id, sending);
        return id;
    }

    void append(int node, int leaderEpoch, long batchId) {
        FakeReplica replica = replica(node);
        long end = replica.staged + RECORDS;
        checker.appended(node, LOG, replica.staged, end, leaderEpoch, batchId);
        replica.log.add(new BatchSeen(replica.staged, end, leaderEpoch, batchId));
        replica.staged = end;
        replica.written = end;
        replica.flushed = durability == Durability.FLUSHED ? end : replica.flushed;
        checker.touched(node, LOG);
    }

    void highWatermark(int node, long offset) {
        replica(node).highWatermark = offset;
        checker.touched(node, LOG);
    }

    /** Everybody has one more batch, the leader knows, and everybody has heard of it. */
    long commit(int leader, int leaderEpoch) {
        long id = appendEverywhere(leaderEpoch);
        long end = replica(leader).staged;
        highWatermark(leader, end);
        replicas.keySet().forEach(node -> highWatermark(node, end));
        return id;
    }

    void truncate(int node, long to) {
        checker.truncated(node, LOG, to);
        FakeReplica replica = replica(node);
        replica.cut(to);
        checker.touched(node, LOG);
    }

    /** The node's process ends, and the next one finds only what is below an offset. */
    void restart(int node, Stop how, long kept) {
        checker.stopping(node, how);
        FakeReplica replica = replica(node);
        brokerEpochs.remove(node);
        incarnations.merge(node, 1, Integer::sum);
        checker.started(node, incarnation(node));
        replica.cut(kept);
        replica.leading = false;
        replica.highWatermark = 0;
        replica.leaderEpoch = 0;
        checker.recovered(node, LOG, 0, List.copyOf(replica.log));
    }

    FakeReplica replica(int node) {
        FakeReplica replica = replicas.get(node);
        if (replica == null) {
            throw new IllegalArgumentException("no node " + node);
        }
        return replica;
    }

    List<String> fired() {
        return checker.violations().stream().map(Violation::invariant).toList();
    }

    // ---- the view

    @Override
    public List<Integer> nodes() {
        return List.copyOf(replicas.keySet());
    }

    @Override
    public boolean isRunning(int node) {
        return true;
    }

    @Override
    public long brokerEpoch(int node) {
        return brokerEpochs.getOrDefault(node, -1L);
    }

    @Override
    public MetadataImage committed() {
        return image;
    }

    @Override
    public @Nullable MetadataImage appliedBy(int node) {
        return applied.getOrDefault(node, image);
    }

    @Override
    public @Nullable ReplicaView replica(int node, LogId id) {
        return id.equals(LOG) ? replicas.get(node) : null;
    }

    @Override
    public long bytesInFlight(int node) {
        return node == 2 ? bytesInFlight : 0;
    }

    @Override
    public void bounds(BoundVisitor visitor) {
        visitor.bound(1, "bytes staged", boundValue, 100);
    }

    static List<BatchSeen> mutable(List<BatchSeen> some) {
        return new ArrayList<>(some);
    }
}
