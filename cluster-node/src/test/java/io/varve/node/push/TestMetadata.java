// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.AlterPartition;
import io.varve.metadata.command.CommandBody.PartitionToAlter;
import io.varve.metadata.image.CommandResult.PartitionResult;
import io.varve.metadata.image.MetadataError;
import io.varve.proto.v1.ErrorReason;
import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.PartitionState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** A controller that is always there: who is registered, and what state each partition is in. <i>Thread-safe.</i> */
final class TestMetadata {

    /** The topic of a test, and the states of its partitions. */
    record Image(long index, UUID topic, Map<Integer, Long> epochs, Map<Integer, PartitionState> states)
            implements Members {

        @Override
        public long metadataIndex() {
            return index;
        }

        @Override
        public OptionalLong brokerEpoch(int nodeId) {
            Long epoch = epochs.get(nodeId);
            return epoch == null ? OptionalLong.empty() : OptionalLong.of(epoch);
        }

        @Override
        public boolean isEligible(int nodeId) {
            return epochs.containsKey(nodeId);
        }
    }

    private final Map<Integer, PushNode> nodes = new TreeMap<>();
    private Image image = new Image(1, new UUID(3, 4), Map.of(), Map.of());
    private long lastEpoch = 10;

    synchronized Image image() {
        return image;
    }

    /** A node begins a new life. */
    synchronized void join(PushNode node) {
        nodes.put(node.id(), node);
        Map<Integer, Long> epochs = new TreeMap<>(image.epochs());
        epochs.put(node.id(), ++lastEpoch);
        node.registered(lastEpoch);
        publish(image.topic(), epochs, image.states());
    }

    /** A node is gone, though still registered. */
    synchronized void leave(int node) {
        nodes.remove(node);
    }

    synchronized void set(int partition, PartitionState state) {
        Map<Integer, PartitionState> states = new TreeMap<>(image.states());
        states.put(partition, state);
        publish(image.topic(), image.epochs(), states);
    }

    /** Another leader, one epoch higher. */
    synchronized void lead(int partition, int leader) {
        PartitionState before = state(partition);
        set(
                partition,
                new PartitionState(
                        leader,
                        before.leaderEpoch() + 1,
                        before.partitionEpoch() + 1,
                        before.replicas(),
                        before.isr(),
                        before.elr(),
                        before.minIsr(),
                        0));
    }

    /** The topic is deleted, and one with another id takes its place. */
    synchronized void recreate(UUID topic) {
        Map<Integer, PartitionState> states = new TreeMap<>();
        image.states()
                .forEach((partition, old) -> states.put(
                        partition,
                        new PartitionState(
                                old.leader(), 1, 0, old.replicas(), old.replicas(), List.of(), old.minIsr(), 0)));
        publish(topic, image.epochs(), states);
    }

    synchronized PartitionState state(int partition) {
        return Objects.requireNonNull(image.states().get(partition));
    }

    synchronized CompletableFuture<List<PartitionResult>> alter(AlterPartition command) {
        List<PartitionResult> results = new ArrayList<>();
        for (PartitionToAlter asked : command.partitions()) {
            PartitionState now = state(asked.partition());
            boolean current = asked.topicId().equals(image.topic())
                    && asked.leaderEpoch() == now.leaderEpoch()
                    && asked.partitionEpoch() == now.partitionEpoch();
            boolean eligible = asked.newIsr().stream()
                    .allMatch(ref -> image.brokerEpoch(ref.nodeId()).equals(OptionalLong.of(ref.brokerEpoch())));
            if (current && eligible) {
                set(
                        asked.partition(),
                        new PartitionState(
                                now.leader(),
                                now.leaderEpoch(),
                                now.partitionEpoch() + 1,
                                now.replicas(),
                                asked.newIsr().stream().map(BrokerRef::nodeId).toList(),
                                now.elr(),
                                now.minIsr(),
                                0));
            }
            results.add(new PartitionResult(
                    asked.topicId(),
                    asked.partition(),
                    Optional.empty(),
                    current && eligible
                            ? Optional.empty()
                            : Optional.of(
                                    MetadataError.of(ErrorReason.ERROR_REASON_INVALID_UPDATE_VERSION, "out of date"))));
        }
        return CompletableFuture.completedFuture(results);
    }

    private void publish(UUID topic, Map<Integer, Long> epochs, Map<Integer, PartitionState> states) {
        image = new Image(image.index() + 1, topic, Map.copyOf(epochs), Map.copyOf(states));
        nodes.values().forEach(node -> node.apply(image));
    }
}
