// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.command.CommandBody.AlterConfigs;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.CommandResult.Rejected;
import io.varve.metadata.image.CommandResult.TopicResult;
import io.varve.metadata.image.CommandResult.Topics;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.MetadataRecord.TopicRecord;
import io.varve.metadata.image.TopicImage;
import io.varve.metadata.topic.TopicConfigs;
import io.varve.proto.v1.ErrorReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Changes of a topic's settings. All of a command, or none. */
final class ConfigCommands {

    private ConfigCommands() {}

    static CommandResult alter(Draft draft, AlterConfigs c) {
        var found = draft.image().topic(c.topicId());
        if (found.isEmpty()) {
            return new Rejected(Refusals.unknownTopic(c.topicId()));
        }
        var topic = found.get();
        var configs = new TreeMap<>(topic.configs());
        c.changes()
                .forEach((name, change) ->
                        change.ifPresentOrElse(value -> configs.put(name, value), () -> configs.remove(name)));
        var problems = problems(topic, c.changes(), configs);
        if (!problems.isEmpty()) {
            return refused(topic, String.join("; ", problems));
        }
        int minIsr = minIsr(topic, configs);
        if (!configs.equals(topic.configs())) {
            draft.emit(new TopicRecord(topic.id(), topic.name(), configs, topic.durability()));
        }
        for (var p : topic.partitions()) {
            if (p.minIsr() != minIsr) {
                // P24, P25: the elr goes in the entry that changes the minimum, also where that is raised and its
                // members
                // are still known to hold everything. Who was in it is still worth asking (P31).
                draft.emit(topic.id(), p.nextMinIsr(minIsr, draft.membership().withoutElr(p)));
            }
        }
        return new Topics(
                List.of(TopicResult.of(draft.image().topic(c.topicId()).orElseThrow())));
    }

    /** All of them: who has mistaken two things wants to hear of both. */
    private static List<String> problems(
            TopicImage topic, SortedMap<String, Optional<String>> changes, SortedMap<String, String> configs) {
        var problems = new ArrayList<String>();
        changes.forEach((name, value) -> problem(topic, name, value).ifPresent(problems::add));
        if (problem(topic, TopicConfigs.MIN_INSYNC_REPLICAS, minInsyncReplicas(configs))
                .isPresent()) {
            return problems; // it is no number
        }
        int minIsr = minIsr(topic, configs);
        if (minIsr > topic.replicationFactor()) {
            problems.add(minAboveReplicas(minIsr, topic.replicationFactor()));
            return problems;
        }
        topic.partitions().stream()
                .filter(p ->
                        p.minIsr() != minIsr && p.isr().isEmpty() && !p.elr().isEmpty())
                .findFirst()
                // P24 clears the elr with any such change, and with it the knowledge that these hold everything.
                .ifPresent(waiting -> problems.add(TopicConfigs.MIN_INSYNC_REPLICAS
                        + " cannot change while partition " + waiting.partition() + " waits for nodes " + waiting.elr()
                        + " to come back"));
        return problems;
    }

    static String minAboveReplicas(int minIsr, int replicationFactor) {
        return TopicConfigs.MIN_INSYNC_REPLICAS + " = " + minIsr + " is above the replication factor, "
                + replicationFactor;
    }

    private static Optional<String> problem(TopicImage topic, String name, Optional<String> value) {
        var key = TopicConfigs.all().get(name);
        if (key == null) {
            return Optional.of(TopicConfigs.unknown(name));
        }
        var current = TopicConfigs.value(topic, name);
        if (key.fixedAtCreation() && !value.orElse(key.defaultValue()).equals(current)) {
            return Optional.of(name + " is chosen when a topic is created and stays " + current);
        }
        return value.flatMap(key::problem);
    }

    private static Optional<String> minInsyncReplicas(SortedMap<String, String> configs) {
        return Optional.ofNullable(configs.get(TopicConfigs.MIN_INSYNC_REPLICAS));
    }

    private static int minIsr(TopicImage topic, SortedMap<String, String> configs) {
        return minInsyncReplicas(configs)
                .map(Integer::parseInt)
                .orElseGet(() -> TopicConfigs.defaultMinIsr(topic.replicationFactor()));
    }

    private static Rejected refused(TopicImage topic, String problem) {
        return new Rejected(
                MetadataError.of(ErrorReason.ERROR_REASON_INVALID_CONFIG, "topic " + topic.name() + ": " + problem));
    }
}
