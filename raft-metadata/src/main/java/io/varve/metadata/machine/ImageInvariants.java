// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.MetadataRecord.BrokerRecord;
import io.varve.metadata.image.MetadataRecord.PartitionRecord;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.TopicImage;
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
        return violation(image, MachineRules.ALL);
    }

    /** As {@link #violation(MetadataImage)}, but for what follows from a rule that is not kept. */
    public static Optional<String> violation(MetadataImage image, MachineRules rules) {
        for (var topic : image.topics().all()) {
            for (var p : topic.partitions()) {
                var problem = violation(image, topic, p, rules);
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
                    var problem = violation(image, topic.get(), now.get(), draft.rules())
                            .or(() -> badStep(draft, p, now.get()));
                    if (problem.isPresent()) {
                        return problem;
                    }
                }
            } else if (r instanceof BrokerRecord b && isNewlyFenced(draft, b.broker())) {
                var problem = fencedInSync(image, b.broker(), draft.rules());
                if (problem.isPresent()) {
                    return problem;
                }
            }
        }
        return distrusted(draft);
    }

    /** I24: whoever may have lost records is neither in isr nor elr after the entry that says so. */
    private static Optional<String> distrusted(Draft draft) {
        for (var d : draft.distrusted()) {
            var p = draft.image().topics().find(d.replica());
            if (p.isPresent()
                    && (p.get().isr().contains(d.node()) || p.get().elr().contains(d.node()))) {
                return Optional.of("node " + d.node() + " may have lost records of " + d.replica() + ": " + p.get());
            }
        }
        return Optional.empty();
    }

    private static boolean isNewlyFenced(Draft draft, BrokerImage broker) {
        return broker.fenced()
                && draft.before().broker(broker.id()).map(b -> !b.fenced()).orElse(false);
    }

    /** I14 for one partition. */
    private static Optional<String> violation(
            MetadataImage image, TopicImage topic, PartitionImage p, MachineRules rules) {
        String problem = null;
        var replicas = p.replicas();
        if (!distinct(replicas) || replicas.isEmpty()) {
            problem = "replicas are not distinct, or none";
        } else if (p.assignment().directories().size() != replicas.size()) {
            problem = "one directory for each replica is missing";
        } else if (!distinct(p.isr()) || !distinct(p.elr()) || overlap(p.isr(), p.elr())) {
            problem = "isr and elr overlap";
        } else if (!replicas.containsAll(p.isr()) || !replicas.containsAll(p.elr())) {
            problem = "isr or elr has a node that holds no replica";
        } else if (p.hasLeader() && !p.isr().contains(p.leader())) {
            problem = "the leader is not in the isr";
        } else if (rules.keep(MachineRule.ELR_NOT_CLEARED)
                && p.isr().size() >= p.effectiveMinIsr()
                && !p.elr().isEmpty()) {
            problem = "there is an elr although the isr is large enough";
        } else if (rules.keep(MachineRule.OLD_KAFKA_NO_ELR_LAST_STANDING) && anyFenced(image, p.isr())) {
            problem = "the isr has a fenced node";
        } else if (p.leaderEpoch() < 1 || p.partitionEpoch() < 0 || p.minIsr() < 1) {
            problem = "an epoch or the minimum is too small";
        }
        return Optional.ofNullable(problem)
                .map(what -> "partition " + topic.name() + "-" + p.partition() + ": " + what + ": " + p);
    }

    /** What must not happen between one state of a partition and the next. */
    private static Optional<String> badStep(Draft draft, PartitionRecord r, PartitionImage now) {
        var before = draft.before().partition(r.topicId(), now.partition());
        if (before.isEmpty()) {
            return Optional.empty();
        }
        return fellBack(r, before.get(), now).or(() -> intruder(draft, r, before.get(), now));
    }

    /** I24: nobody gets into isr or elr who was in neither, but by an expansion or an unclean election. */
    private static Optional<String> intruder(Draft draft, PartitionRecord r, PartitionImage was, PartitionImage now) {
        for (int node : now.elr()) {
            if (!was.isr().contains(node) && !was.elr().contains(node)) {
                return Optional.of("node " + node + " came into the elr from nowhere: " + was + " to " + now);
            }
        }
        for (int node : now.isr()) {
            if (!was.isr().contains(node) && !was.elr().contains(node) && !draft.admits(r.topicId(), now.partition())) {
                return Optional.of("node " + node + " came into the isr from nowhere: " + was + " to " + now);
            }
        }
        return Optional.empty();
    }

    /** P1: both epochs only rise; a change without a higher partition epoch would not be seen (P3). */
    private static Optional<String> fellBack(PartitionRecord r, PartitionImage was, PartitionImage now) {
        boolean rose = now.leaderEpoch() >= was.leaderEpoch()
                && now.partitionEpoch() > was.partitionEpoch()
                && (now.leader() == was.leader() || now.leaderEpoch() > was.leaderEpoch());
        return rose
                ? Optional.empty()
                : Optional.of("partition " + r.topicId() + "-" + now.partition() + ": epochs did not rise from " + was
                        + " to " + now);
    }

    private static Optional<String> fencedInSync(MetadataImage image, BrokerImage broker, MachineRules rules) {
        if (!rules.keep(MachineRule.OLD_KAFKA_NO_ELR_LAST_STANDING)) {
            return Optional.empty();
        }
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
        for (int i = 1; i < nodes.size(); i++) {
            if (nodes.subList(0, i).contains(nodes.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean overlap(List<Integer> a, List<Integer> b) {
        for (int i = 0; i < a.size(); i++) {
            if (b.contains(a.get(i))) {
                return true;
            }
        }
        return false;
    }

    private static boolean anyFenced(MetadataImage image, List<Integer> nodes) {
        for (int node : nodes) {
            var broker = image.broker(node);
            if (broker.isEmpty() || broker.get().fenced()) {
                return true;
            }
        }
        return false;
    }
}
