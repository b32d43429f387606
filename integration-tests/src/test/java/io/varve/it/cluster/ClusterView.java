// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cluster;

import io.varve.client.TopicPartition;
import io.varve.client.VarveClient;
import io.varve.client.VarveException;
import io.varve.it.process.Pauses;
import io.varve.proto.v1.ClusterProblem;
import io.varve.proto.v1.ElectLeadersRequest;
import io.varve.proto.v1.ElectionType;
import io.varve.proto.v1.ListPartitionsRequest;
import io.varve.proto.v1.NodeListing;
import io.varve.proto.v1.NodeStatus;
import io.varve.proto.v1.PartitionElection;
import io.varve.proto.v1.PartitionListing;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A cluster as an operator sees it, and waits for it. Confined to one thread. */
public final class ClusterView {
    private static final Duration LOOK = Duration.ofMillis(50);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final VarveClient client;
    private final String topic;

    /** @param topic the one that counts */
    public ClusterView(VarveClient client, String topic) {
        this.client = client;
        this.topic = topic;
    }

    /** Node ids by partition; 0 for none. */
    public Map<TopicPartition, Integer> leaders() {
        Map<TopicPartition, Integer> leaders =
                new TreeMap<>(Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition));
        partitions().forEach(p -> leaders.put(TopicPartition.of(topic, p.getPartition()), p.getLeader()));
        return leaders;
    }

    /** The active controller's node id; 0 while there is none. */
    public int controllerId() {
        return client.admin().describeCluster().join().controllerId();
    }

    /** What is there to see, for messages. */
    public String describe() {
        StringBuilder text = new StringBuilder();
        try {
            text.append("controller ").append(controllerId());
            for (NodeListing node : client.admin().cluster().listNodes().join().getNodesList()) {
                text.append("; node ").append(node.getId()).append(' ').append(node.getStatus());
            }
            for (PartitionListing p : partitions()) {
                text.append("; %d: leader %d epoch %d replicas %s isr %s elr %s %s"
                        .formatted(
                                p.getPartition(),
                                p.getLeader(),
                                p.getLeaderEpoch(),
                                p.getReplicasList(),
                                p.getIsrList(),
                                p.getElrList(),
                                p.getStatus()));
            }
        } catch (CompletionException | VarveException e) {
            text.append("; asking fails: ").append(e.getMessage());
        }
        return text.toString();
    }

    /** Returns when so many nodes are alive, and a controller is there. */
    public void awaitAlive(int nodes) {
        await(nodes + " nodes alive", () -> {
            var listing = client.admin().cluster().listNodes().join();
            long alive = listing.getNodesList().stream()
                    .filter(node -> node.getStatus() == NodeStatus.NODE_STATUS_ALIVE)
                    .count();
            return alive == nodes && listing.getControllerId() != 0;
        });
    }

    /** Returns when every partition has a leader, and all its replicas in sync. */
    public void awaitInSync() {
        await(
                "every partition led, and every replica in sync",
                () -> partitions().stream()
                        .allMatch(p -> p.getLeader() != 0 && p.getIsrCount() == p.getReplicasCount()));
    }

    /** Node ids of the replicas of a partition that are in sync. */
    public List<Integer> inSync(TopicPartition partition) {
        return partitions().stream()
                .filter(p -> p.getPartition() == partition.partition())
                .findFirst()
                .map(PartitionListing::getIsrList)
                .orElseThrow();
    }

    /** Returns when this node is in sync with none of these partitions. */
    public void awaitOutOfSync(int node, List<TopicPartition> partitions) {
        await(
                "node " + node + " out of sync with " + partitions,
                () -> partitions.stream().noneMatch(p -> inSync(p).contains(node)));
    }

    /** Returns when this node leads nothing. */
    public void awaitNothingLedBy(int node) {
        await("nothing led by node " + node, () -> !leaders().containsValue(node));
    }

    /** Returns with the problem of this reason and subject when the cluster's health has it. */
    public ClusterProblem awaitProblem(String reason, String subject) {
        AtomicReference<@Nullable ClusterProblem> seen = new AtomicReference<>();
        await("a problem " + reason + " " + subject, () -> {
            client.admin().cluster().describe().join().getProblemsList().stream()
                    .filter(p -> p.getReason().equals(reason) && p.getSubject().equals(subject))
                    .forEach(seen::set);
            return seen.get() != null;
        });
        return Objects.requireNonNull(seen.get());
    }

    /** Returns when nothing is wrong. */
    public void awaitHealthy() {
        await(
                "a healthy cluster",
                () -> client.admin().cluster().describe().join().getHealthy());
    }

    /** What a node does, and how its disk is. */
    public NodeListing node(int id) {
        return client.admin().cluster().listNodes().join().getNodesList().stream()
                .filter(node -> node.getId() == id)
                .findFirst()
                .orElseThrow();
    }

    /** Gives every partition to its first replica, as the cluster began. */
    public void balance() {
        await("every partition led by its first replica", () -> {
            boolean balanced = partitions().stream().allMatch(p -> p.getLeader() == p.getReplicas(0));
            if (!balanced) {
                client.admin()
                        .cluster()
                        .electLeaders(ElectLeadersRequest.newBuilder()
                                .setType(ElectionType.ELECTION_TYPE_PREFERRED)
                                .build())
                        .join();
            }
            return balanced;
        });
    }

    /** Makes another replica the leader. */
    public void transfer(TopicPartition partition, int target) {
        await("partition " + partition + " led by node " + target, () -> {
            boolean there = leaders().getOrDefault(partition, 0) == target;
            if (!there) {
                client.admin()
                        .cluster()
                        .electLeaders(ElectLeadersRequest.newBuilder()
                                .setType(ElectionType.ELECTION_TYPE_TRANSFER)
                                .addPartitions(PartitionElection.newBuilder()
                                        .setTopic(partition.topic())
                                        .setPartition(partition.partition())
                                        .setTarget(target))
                                .build())
                        .join();
            }
            return there;
        });
    }

    private List<PartitionListing> partitions() {
        return client.admin()
                .cluster()
                .listPartitions(
                        ListPartitionsRequest.newBuilder().addTopics(topic).build())
                .join()
                .getPartitionsList();
    }

    /** Failures count as not yet. */
    private void await(String what, Supplier<Boolean> condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                if (condition.get()) {
                    return;
                }
            } catch (CompletionException | VarveException e) {
                // asked again
            }
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + PATIENCE + ": " + what + "; " + describe());
            }
            Pauses.of(LOOK);
        }
    }
}
