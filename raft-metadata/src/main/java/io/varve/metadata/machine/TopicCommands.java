// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.command.CommandBody.CreatePartitions;
import io.varve.metadata.command.CommandBody.CreateTopics;
import io.varve.metadata.command.CommandBody.DeleteTopics;
import io.varve.metadata.command.CommandBody.TopicToCreate;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.CommandResult.Rejected;
import io.varve.metadata.image.CommandResult.TopicResult;
import io.varve.metadata.image.CommandResult.Topics;
import io.varve.metadata.image.Durability;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.MetadataRecord.TopicRecord;
import io.varve.metadata.image.MetadataRecord.TopicRemovedRecord;
import io.varve.metadata.topic.TopicConfigs;
import io.varve.metadata.topic.TopicLimits;
import io.varve.metadata.topic.TopicNames;
import io.varve.proto.v1.ErrorReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Commands that create and delete topics and partitions. */
final class TopicCommands {

    private static final int DEFAULT_REPLICATION_FACTOR = 3;

    private TopicCommands() {}

    /** Each topic for itself: some may be created, some refused. */
    static CommandResult create(Draft draft, CreateTopics c) {
        var results = new ArrayList<TopicResult>();
        for (var topic : c.topics()) {
            results.add(create(draft, topic));
        }
        return new Topics(results);
    }

    private static TopicResult create(Draft draft, TopicToCreate t) {
        var sameId = draft.image().topic(t.topicId());
        if (sameId.isPresent() && sameId.get().name().equals(t.name())) {
            // The same command once more.
            return TopicResult.of(sameId.get());
        }
        int replicationFactor = replicationFactor(draft.image(), t);
        var refusal = refusal(draft.image(), t, replicationFactor);
        if (refusal.isPresent()) {
            return TopicResult.failed(t.name(), t.topicId(), refusal.get());
        }
        var assignments = NewPartitions.assignments(draft.image(), t.placement(), 0, t.partitions(), replicationFactor);
        if (assignments.refusal().isPresent()) {
            return TopicResult.failed(
                    t.name(), t.topicId(), assignments.refusal().get().about(t.name()));
        }
        var durability = Optional.ofNullable(t.configs().get(TopicConfigs.DURABILITY))
                .flatMap(Durability::ofWord)
                .orElse(Durability.FLUSHED);
        draft.emit(new TopicRecord(t.topicId(), t.name(), t.configs(), durability));
        var topic = draft.image().topic(t.topicId()).orElseThrow();
        NewPartitions.emit(draft, topic, minIsr(t, replicationFactor), 0, assignments.replicas());
        return TopicResult.of(draft.image().topic(t.topicId()).orElseThrow());
    }

    private static int replicationFactor(MetadataImage image, TopicToCreate t) {
        if (t.replicationFactor() != 0) {
            return t.replicationFactor();
        }
        var given = t.placement().assignments();
        return given.isEmpty()
                ? Math.min(DEFAULT_REPLICATION_FACTOR, image.brokers().size())
                : given.get(0).size();
    }

    private static int minIsr(TopicToCreate t, int replicationFactor) {
        var set = t.configs().get(TopicConfigs.MIN_INSYNC_REPLICAS);
        return set == null ? TopicConfigs.defaultMinIsr(replicationFactor) : Integer.parseInt(set);
    }

    private static Optional<MetadataError> refusal(MetadataImage image, TopicToCreate t, int replicationFactor) {
        var badName = TopicNames.problem(t.name(), t.internal());
        if (badName.isPresent()) {
            return refuse(
                    ErrorReason.ERROR_REASON_INVALID_TOPIC_EXCEPTION,
                    badName.get(),
                    "1 to " + TopicNames.MAX_LENGTH + " of the characters A-Z a-z 0-9 . _ -");
        }
        if (image.topic(t.name()).isPresent() || image.topic(t.topicId()).isPresent()) {
            return refuse(
                    ErrorReason.ERROR_REASON_TOPIC_ALREADY_EXISTS,
                    "topic " + t.name() + " already exists",
                    "choose another name, or delete it first");
        }
        if (t.partitions() < 1 || t.partitions() > TopicLimits.MAX_PARTITIONS) {
            return refuse(
                    ErrorReason.ERROR_REASON_INVALID_PARTITIONS,
                    "topic " + t.name() + ": " + t.partitions() + " partitions, a topic has 1 to "
                            + TopicLimits.MAX_PARTITIONS,
                    "ask for at least 1");
        }
        return replicationRefusal(image, t, replicationFactor).or(() -> configRefusal(t, replicationFactor));
    }

    private static Optional<MetadataError> replicationRefusal(
            MetadataImage image, TopicToCreate t, int replicationFactor) {
        int nodes = image.brokers().size();
        if (nodes == 0 || image.brokers().values().stream().noneMatch(b -> b.eligible())) {
            return refuse(
                    ErrorReason.ERROR_REASON_LEADER_NOT_AVAILABLE,
                    "topic " + t.name() + ": of " + nodes + " registered nodes none is ready to lead",
                    "try again when a node has started");
        }
        if (replicationFactor < 1) {
            return refuse(
                    ErrorReason.ERROR_REASON_INVALID_REPLICATION_FACTOR,
                    "topic " + t.name() + ": replication factor " + replicationFactor + " is below 1",
                    "give 1 to " + nodes + ", or 0 for the default");
        }
        if (replicationFactor > nodes) {
            return refuse(
                    ErrorReason.ERROR_REASON_INVALID_REPLICATION_FACTOR,
                    "topic " + t.name() + ": replication factor " + replicationFactor
                            + " is above the number of nodes, " + nodes,
                    "use " + nodes + " or less, or add nodes");
        }
        return Optional.empty();
    }

    private static Optional<MetadataError> configRefusal(TopicToCreate t, int replicationFactor) {
        List<String> problems = new ArrayList<>(TopicConfigs.problems(t.configs()));
        if (problems.isEmpty() && minIsr(t, replicationFactor) > replicationFactor) {
            problems.add(ConfigCommands.minAboveReplicas(minIsr(t, replicationFactor), replicationFactor));
        }
        return problems.isEmpty()
                ? Optional.empty()
                : refuse(
                        ErrorReason.ERROR_REASON_INVALID_CONFIG,
                        "topic " + t.name() + ": " + String.join("; ", problems),
                        "");
    }

    /** By id, so that a topic created again under the same name is safe. */
    static CommandResult delete(Draft draft, DeleteTopics c) {
        var results = new ArrayList<TopicResult>();
        for (var t : c.topics()) {
            var topic = draft.image().topic(t.topicId());
            if (topic.isPresent()) {
                draft.emit(new TopicRemovedRecord(t.topicId()));
                results.add(TopicResult.of(topic.get()));
            } else {
                results.add(TopicResult.failed(t.name(), t.topicId(), Refusals.unknownTopic(t.topicId())));
            }
        }
        return new Topics(results);
    }

    static CommandResult createPartitions(Draft draft, CreatePartitions c) {
        var found = draft.image().topic(c.topicId());
        if (found.isEmpty()) {
            return new Rejected(Refusals.unknownTopic(c.topicId()));
        }
        var topic = found.get();
        int now = topic.partitions().size();
        if (c.totalPartitions() <= now || c.totalPartitions() > TopicLimits.MAX_PARTITIONS) {
            return new Rejected(MetadataError.of(
                    ErrorReason.ERROR_REASON_INVALID_PARTITIONS,
                    "topic " + topic.name() + " has " + now + " partitions and cannot have " + c.totalPartitions(),
                    "ask for " + (now + 1) + " to " + TopicLimits.MAX_PARTITIONS + "; partitions are only ever added"));
        }
        var assignments = NewPartitions.assignments(
                draft.image(), c.placement(), now, c.totalPartitions() - now, topic.replicationFactor());
        if (assignments.refusal().isPresent()) {
            return new Rejected(assignments.refusal().get().about(topic.name()));
        }
        int minIsr = topic.partitions().get(0).minIsr();
        NewPartitions.emit(draft, topic, minIsr, now, assignments.replicas());
        return new Topics(
                List.of(TopicResult.of(draft.image().topic(c.topicId()).orElseThrow())));
    }

    private static Optional<MetadataError> refuse(ErrorReason reason, String message, String hint) {
        return Optional.of(MetadataError.of(reason, message, hint));
    }
}
