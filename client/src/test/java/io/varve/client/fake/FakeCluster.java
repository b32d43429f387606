// SPDX-License-Identifier: Apache-2.0
package io.varve.client.fake;

import io.varve.proto.Uuids;
import io.varve.proto.v1.ClusterMetadata;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.NodeMetadata;
import io.varve.proto.v1.PartitionMetadata;
import io.varve.proto.v1.TopicMetadata;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Some nodes that share topics: whatever the leader of a partition has stored, the next one has. All state, that of the
 * nodes too, is guarded by {@code this}.
 */
public final class FakeCluster implements AutoCloseable {
    private final Map<Integer, FakeNode> nodes = new TreeMap<>();
    private final Map<Integer, Integer> ports = new TreeMap<>();
    private final Map<String, FakeTopic> topics = new LinkedHashMap<>();
    private long index = 1;

    /** Nodes 1 to {@code count}. */
    public static FakeCluster start(int count) {
        FakeCluster cluster = new FakeCluster();
        for (int id = 1; id <= count; id++) {
            cluster.startNode(id);
        }
        return cluster;
    }

    /** Starts a node, at the address that it had before if it had one. */
    public FakeNode startNode(int id) {
        int port;
        synchronized (this) {
            port = ports.getOrDefault(id, 0);
        }
        return FakeNode.start(this, id, port);
    }

    void joined(FakeNode node) {
        synchronized (this) {
            nodes.put(node.id, node);
            ports.put(node.id, node.port());
            changed();
        }
    }

    public synchronized FakeNode node(int id) {
        FakeNode node = nodes.get(id);
        if (node == null) {
            throw new IllegalArgumentException("no node " + id);
        }
        return node;
    }

    /** All nodes, as bootstrap addresses. */
    public synchronized String addresses() {
        return nodes.values().stream().map(FakeNode::address).collect(Collectors.joining(","));
    }

    /** Its partitions are led by nodes 1, 2, ... in turn. */
    public synchronized FakeTopic createTopic(String name, int partitions) {
        FakeTopic topic = new FakeTopic(name, partitions);
        List<Integer> ids = List.copyOf(nodes.keySet());
        for (int i = 0; i < partitions; i++) {
            topic.log(i).leader = ids.get(i % ids.size());
        }
        topics.put(name, topic);
        changed();
        return topic;
    }

    public synchronized void deleteTopic(String name) {
        topics.remove(name);
        changed();
    }

    public synchronized @Nullable FakeTopic topic(String name) {
        return topics.get(name);
    }

    synchronized @Nullable FakeTopic topic(UUID id) {
        return topics.values().stream().filter(t -> t.id.equals(id)).findFirst().orElse(null);
    }

    synchronized List<FakeTopic> topics() {
        return List.copyOf(topics.values());
    }

    /** Elects a leader under the next epoch; 0 for none. */
    public synchronized void elect(String name, int partition, int leader) {
        FakeTopic topic = topics.get(name);
        if (topic == null) {
            throw new IllegalArgumentException("no topic " + name);
        }
        FakeLog log = topic.log(partition);
        log.leader = leader;
        log.leaderEpoch++;
        changed();
        nodes.values().forEach(n -> n.ledElsewhere(topic, partition));
    }

    private void changed() {
        index++;
        nodes.values().forEach(FakeNode::metadataChanged);
    }

    synchronized ClusterMetadata metadata() {
        ClusterMetadata.Builder metadata = ClusterMetadata.newBuilder()
                .setClusterId("fake-cluster")
                .setControllerId(1)
                .setMetadataIndex(index);
        ports.forEach((id, port) -> metadata.addNodes(
                NodeMetadata.newBuilder().setId(id).setHost("localhost").setPort(port)));
        topics.values().forEach(topic -> metadata.addTopics(metadata(topic)));
        return metadata.build();
    }

    private static TopicMetadata metadata(FakeTopic topic) {
        TopicMetadata.Builder b = TopicMetadata.newBuilder()
                .setName(topic.name)
                .setTopicId(Uuids.toBytes(topic.id))
                .setMaxMessageBytes(FakeNode.MAX_BATCH_BYTES);
        for (int i = 0; i < topic.logs.size(); i++) {
            FakeLog log = topic.log(i);
            b.addPartitions(PartitionMetadata.newBuilder()
                    .setPartition(i)
                    .setLeader(log.leader)
                    .setLeaderEpoch(log.leaderEpoch)
                    .addReplicas(log.leader)
                    .addIsr(log.leader));
        }
        return b.build();
    }

    Error notLeader(FakeTopic topic, int partition) {
        FakeLog log = topic.log(partition);
        return FakeLog.error(ErrorReason.ERROR_REASON_NOT_LEADER_OR_FOLLOWER, "leader is node " + log.leader)
                .toBuilder()
                .putMetadata("topic", topic.name)
                .putMetadata("topicId", Uuids.toText(topic.id))
                .putMetadata("partition", Integer.toString(partition))
                .putMetadata("leader", Integer.toString(log.leader))
                .putMetadata("leaderEpoch", Integer.toString(log.leaderEpoch))
                .putMetadata("metadataIndex", Long.toString(index))
                .build();
    }

    @Override
    public void close() {
        List<FakeNode> all;
        synchronized (this) {
            all = List.copyOf(nodes.values());
        }
        all.forEach(FakeNode::close);
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
