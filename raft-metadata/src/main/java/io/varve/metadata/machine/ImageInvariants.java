// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.MetadataRecord.BrokerRecord;
import io.varve.metadata.image.MetadataRecord.PartitionRecord;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.TopicImage;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * What must hold in every image (I14), and between an image and the one before (P1). A command that would break it is
 * not applied.
 */
public final class ImageInvariants {

    private ImageInvariants() {}

    /** What is wrong anywhere in this image; empty if nothing is. */
    public static Optional<String> violation(MetadataImage image) {
        for (var topic : image.topics().all()) {
            for (var p : topic.partitions()) {
                var problem = violation(image, topic, p);
                if (problem.isPresent()) {
                    return problem;
                }
            }
        }
        return Optional.empty();
    }

    /** What is wrong with the changes that this draft makes; empty if nothing is. */
    static Optional<String> violation(Draft draft) {
        var image = draft.image();
        for (var r : draft.records()) {
            if (r instanceof PartitionRecord p) {
                // A topic may have been removed again by the same command.
                var topic = image.topic(p.topicId());
                var now = image.partition(p.topicId(), p.partition().partition());
                if (topic.isPresent() && now.isPresent()) {
                    var problem = violation(image, topic.get(), now.get()).or(() -> fellBack(draft, p, now.get()));
                    if (problem.isPresent()) {
                        return problem;
                    }
                }
            } else if (r instanceof BrokerRecord b && b.broker().fenced()) {
                var problem = fencedInSync(image, b.broker());
                if (problem.isPresent()) {
                    return problem;
                }
            }
        }
        return Optional.empty();
    }

    /** I14 for one partition. */
    private static Optional<String> violation(MetadataImage image, TopicImage topic, PartitionImage p) {
        var replicas = new HashSet<>(p.replicas());
        String problem = null;
        if (replicas.size() != p.replicas().size() || replicas.isEmpty()) {
            problem = "replicas are not distinct, or none";
        } else if (p.assignment().directories().size() != replicas.size()) {
            problem = "one directory for each replica is missing";
        } else if (!distinct(p.isr()) || !distinct(p.elr()) || p.isr().stream().anyMatch(p.elr()::contains)) {
            problem = "isr and elr overlap";
        } else if (!replicas.containsAll(p.isr()) || !replicas.containsAll(p.elr())) {
            problem = "isr or elr has a node that holds no replica";
        } else if (p.hasLeader() && !p.isr().contains(p.leader())) {
            problem = "the leader is not in the isr";
        } else if (p.isr().size() >= p.effectiveMinIsr() && !p.elr().isEmpty()) {
            problem = "there is an elr although the isr is large enough";
        } else if (p.isr().stream()
                .anyMatch(n -> image.broker(n).map(BrokerImage::fenced).orElse(true))) {
            problem = "the isr has a fenced node";
        } else if (p.leaderEpoch() < 1 || p.partitionEpoch() < 0 || p.minIsr() < 1) {
            problem = "an epoch or the minimum is too small";
        }
        return Optional.ofNullable(problem)
                .map(what -> "partition " + topic.name() + "-" + p.partition() + ": " + what + ": " + p);
    }

    /** P1: both epochs only rise; a change without a higher partition epoch would not be seen (P3). */
    private static Optional<String> fellBack(Draft draft, PartitionRecord r, PartitionImage now) {
        return draft.before()
                .partition(r.topicId(), now.partition())
                .filter(was -> now.leaderEpoch() < was.leaderEpoch()
                        || now.partitionEpoch() <= was.partitionEpoch()
                        || (now.leader() != was.leader() && now.leaderEpoch() == was.leaderEpoch()))
                .map(was -> "partition " + r.topicId() + "-" + now.partition() + ": epochs did not rise from " + was
                        + " to " + now);
    }

    private static Optional<String> fencedInSync(MetadataImage image, BrokerImage broker) {
        for (var topic : image.topics().all()) {
            for (var p : topic.partitions()) {
                if (p.isr().contains(broker.id())) {
                    return Optional.of("node " + broker.id() + " is fenced but in the isr of " + topic.name() + "-"
                            + p.partition());
                }
            }
        }
        return Optional.empty();
    }

    private static boolean distinct(List<Integer> nodes) {
        return new HashSet<>(nodes).size() == nodes.size();
    }
}
