// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.command.CommandBody.Placement;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.PartitionImage.Assignment;
import io.varve.metadata.image.PartitionImage.InSync;
import io.varve.metadata.image.PartitionImage.Leadership;
import io.varve.metadata.image.TopicImage;
import io.varve.proto.v1.ErrorReason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** Partitions that come into being: leader epoch 1, partition epoch 0, everybody who is there in sync. */
final class NewPartitions {

    private NewPartitions() {}

    /** Replicas of each new partition, or why not. */
    record Assignments(List<List<Integer>> replicas, Optional<Refusal> refusal) {}

    record Refusal(ErrorReason reason, String message, String hint) {
        MetadataError about(String topic) {
            return MetadataError.of(reason, "topic " + topic + ": " + message, hint);
        }
    }

    static Assignments assignments(
            MetadataImage image, Placement placement, int first, int count, int replicationFactor) {
        var given = placement.assignments();
        if (given.isEmpty()) {
            return placed(image, placement.seed(), first, count, replicationFactor);
        }
        if (given.size() != count) {
            return refused("assignments for " + given.size() + " partitions, there are " + count + " new ones");
        }
        for (int i = 0; i < count; i++) {
            var problem = problem(image, given.get(i), replicationFactor);
            if (problem.isPresent()) {
                return refused("partition " + (first + i) + ": " + problem.get());
            }
        }
        return new Assignments(given, Optional.empty());
    }

    private static Assignments placed(MetadataImage image, long seed, int first, int count, int replicationFactor) {
        long eligible =
                image.brokers().values().stream().filter(BrokerImage::eligible).count();
        if (eligible == 0 || replicationFactor > image.brokers().size()) {
            return new Assignments(
                    List.of(),
                    Optional.of(new Refusal(
                            ErrorReason.ERROR_REASON_LEADER_NOT_AVAILABLE,
                            replicationFactor + " nodes are needed, " + eligible + " of "
                                    + image.brokers().size() + " registered are ready",
                            "try again when they have started")));
        }
        var placement = new ReplicaPlacement(image, seed);
        var replicas = new ArrayList<List<Integer>>(count);
        for (int p = first; p < first + count; p++) {
            replicas.add(placement.replicas(p, replicationFactor));
        }
        return new Assignments(replicas, Optional.empty());
    }

    private static Optional<String> problem(MetadataImage image, List<Integer> replicas, int replicationFactor) {
        if (replicas.size() != replicationFactor) {
            return Optional.of(replicas.size() + " replicas, the replication factor is " + replicationFactor);
        }
        if (new HashSet<>(replicas).size() != replicas.size()) {
            return Optional.of("a node twice among " + replicas);
        }
        for (int node : replicas) {
            if (image.broker(node).isEmpty()) {
                return Optional.of("node " + node + " is not registered");
            }
        }
        return replicas.stream().noneMatch(image::isEligible)
                ? Optional.of("none of the nodes " + replicas + " is ready to lead")
                : Optional.empty();
    }

    private static Assignments refused(String message) {
        return new Assignments(
                List.of(),
                Optional.of(new Refusal(
                        ErrorReason.ERROR_REASON_INVALID_REPLICA_ASSIGNMENT,
                        message,
                        "varve broker list shows the nodes")));
    }

    static void emit(Draft draft, TopicImage topic, int minIsr, int first, List<List<Integer>> assignments) {
        for (int i = 0; i < assignments.size(); i++) {
            var replicas = assignments.get(i);
            var directories = replicas.stream()
                    .map(n -> draft.image().broker(n).orElseThrow().identity().directoryId())
                    .toList();
            var isr = replicas.stream().filter(draft.image()::isEligible).toList();
            draft.emit(
                    topic.id(),
                    new PartitionImage(
                            first + i,
                            new Assignment(replicas, directories),
                            new InSync(isr, List.of(), List.of()),
                            new Leadership(isr.get(0), 1),
                            0,
                            minIsr,
                            topic.durability(),
                            0));
        }
    }
}
