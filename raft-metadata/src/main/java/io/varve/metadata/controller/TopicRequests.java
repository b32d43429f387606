// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import io.varve.metadata.NewTopicSpec;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.CreateTopics;
import io.varve.metadata.command.CommandBody.Placement;
import io.varve.metadata.command.CommandBody.TopicToCreate;
import io.varve.metadata.command.CommandBody.TopicToDelete;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.CommandResult.TopicResult;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.machine.ApplyContext;
import io.varve.metadata.machine.MetadataMachine;
import io.varve.metadata.topic.TopicNames;
import io.varve.proto.v1.ErrorReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** What administrators ask for, as commands. */
public final class TopicRequests {

    private static final UUID NO_TOPIC = new UUID(0, 0);

    private TopicRequests() {}

    /** @param ids gives a new topic id for each topic */
    public static CreateTopics create(List<NewTopicSpec> specs, Supplier<UUID> ids, long seed) {
        var topics = new ArrayList<TopicToCreate>();
        for (var spec : specs) {
            topics.add(new TopicToCreate(
                    spec.name(),
                    ids.get(),
                    spec.partitions(),
                    spec.replicationFactor(),
                    spec.configs(),
                    new Placement(seed + topics.size(), spec.assignments()),
                    spec.internal()));
        }
        return new CreateTopics(topics);
    }

    /** What a command would answer now, without doing it. */
    public static CommandResult dryRun(MetadataImage image, CommandBody body) {
        var context = new ApplyContext(image.index() + 1, image.term());
        return new MetadataMachine()
                .apply(image, context, MetadataCommand.unfenced(body))
                .result();
    }

    /**
     * Topics to delete by their names.
     *
     * @param found those that are there
     * @param results one for each name; empty where {@code found} has the next one
     */
    public record Deletion(List<TopicToDelete> found, List<Optional<TopicResult>> results) {

        /** Puts the answers to {@code found} between the refusals, in the order of the names. */
        public List<TopicResult> merge(List<TopicResult> answers) {
            var next = answers.iterator();
            return results.stream().map(r -> r.orElseGet(next::next)).toList();
        }
    }

    public static Deletion delete(MetadataImage image, List<String> names) {
        var found = new ArrayList<TopicToDelete>();
        var results = new ArrayList<Optional<TopicResult>>();
        for (var name : names) {
            var topic = image.topic(name);
            if (topic.isEmpty()) {
                results.add(Optional.of(TopicResult.failed(name, NO_TOPIC, unknown(name))));
            } else if (topic.get().internal()) {
                results.add(Optional.of(TopicResult.failed(name, topic.get().id(), internal(name))));
            } else {
                found.add(new TopicToDelete(topic.get().id(), name));
                results.add(Optional.empty());
            }
        }
        return new Deletion(found, results);
    }

    public static MetadataError unknown(String name) {
        var badName = TopicNames.problem(name, true);
        return badName.isPresent()
                ? MetadataError.of(ErrorReason.ERROR_REASON_INVALID_TOPIC_EXCEPTION, badName.get())
                : MetadataError.of(
                        ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION,
                        "there is no topic " + name,
                        "see: varve topic list");
    }

    private static MetadataError internal(String name) {
        return MetadataError.of(
                ErrorReason.ERROR_REASON_INVALID_TOPIC_EXCEPTION,
                "topic " + name + " belongs to the cluster itself and cannot be deleted");
    }
}
