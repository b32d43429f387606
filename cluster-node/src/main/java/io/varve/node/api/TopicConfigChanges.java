// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.metadata.Controller;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.TopicImage;
import io.varve.metadata.topic.TopicConfigs;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.AlterTopicConfigsRequest;
import io.varve.proto.v1.AlterTopicConfigsResponse;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import io.varve.proto.v1.TopicConfigChange;
import io.varve.proto.v1.TopicConfigResult;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Changes of topics' configs that an operator asks for. <i>Thread-safe.</i> */
final class TopicConfigChanges {

    /** Far above what there is: what is refused goes through the metadata log, too. */
    private static final int MAX_NAMES = 100;

    private final Controller controller;
    private final Supplier<MetadataImage> image;
    private final LocalPartitions partitions;
    private final BatchLimit limits;

    TopicConfigChanges(
            Controller controller, Supplier<MetadataImage> image, LocalPartitions partitions, BatchLimit limits) {
        this.controller = controller;
        this.image = image;
        this.partitions = partitions;
        this.limits = limits;
    }

    CompletableFuture<AlterTopicConfigsResponse> alter(AlterTopicConfigsRequest request) {
        List<CompletableFuture<TopicConfigResult>> results = request.getChangesList().stream()
                .map(change -> alter(change, request.getValidateOnly()))
                .toList();
        return CompletableFuture.allOf(results.toArray(CompletableFuture<?>[]::new))
                .thenApply(none -> AlterTopicConfigsResponse.newBuilder()
                        .addAllResults(
                                results.stream().map(CompletableFuture::join).toList())
                        .build());
    }

    private CompletableFuture<TopicConfigResult> alter(TopicConfigChange change, boolean validateOnly) {
        var result = TopicConfigResult.newBuilder().setTopic(change.getTopic());
        Optional<Error> mistake = mistake(change);
        if (mistake.isPresent()) {
            return CompletableFuture.completedFuture(
                    result.setError(mistake.get()).build());
        }
        Optional<TopicImage> before = image.get().topic(change.getTopic());
        if (before.isEmpty()) {
            return CompletableFuture.completedFuture(result.setError(TopicDescriptions.unknownTopic(change.getTopic()))
                    .build());
        }
        SortedMap<String, Optional<String>> changes = TopicConfigAnswers.changes(change);
        Optional<Error> limit = limits.problem(change.getTopic(), change.getSetMap());
        return controller
                .alterConfigs(change.getTopic(), changes, validateOnly || limit.isPresent())
                // The change is in the image now; a moment later the partitions go by it.
                .thenCompose(done -> partitions.whenApplied(image.get().index()))
                .handle((done, failure) -> {
                    if (failure != null) {
                        Error refused = Failures.toError(failure);
                        return result.setError(
                                limit.map(more -> both(refused, more)).orElse(refused));
                    }
                    return limit.map(result::setError)
                            .orElseGet(() -> result.addAllConfigs(TopicConfigAnswers.changed(before.get(), changes)));
                })
                .thenApply(TopicConfigResult.Builder::build);
    }

    /** What the node refuses beside what the controller does: who has mistaken two things wants to hear of both. */
    private static Error both(Error refused, Error limit) {
        return refused.getReason() == ErrorReason.ERROR_REASON_INVALID_CONFIG
                ? refused.toBuilder()
                        .setMessage(refused.getMessage() + "; " + limit.getMessage())
                        .build()
                : refused;
    }

    private static Optional<Error> mistake(TopicConfigChange change) {
        if (change.getSetCount() == 0 && change.getUnsetCount() == 0) {
            return Optional.of(
                    invalid(change, "topic " + change.getTopic() + ": a change that neither sets nor unsets a config"));
        }
        int names = change.getSetCount() + change.getUnsetCount();
        if (names > MAX_NAMES) {
            return Optional.of(invalid(
                    change,
                    "topic %s: a change of %d configs, there are %d"
                            .formatted(
                                    change.getTopic(), names, TopicConfigs.all().size())));
        }
        return change.getUnsetList().stream()
                .filter(change::containsSet)
                .findFirst()
                .map(name ->
                        invalid(change, "topic " + change.getTopic() + ": " + name + " cannot be both set and unset"));
    }

    private static Error invalid(TopicConfigChange change, String message) {
        return ErrorReasons.error(
                ErrorReason.ERROR_REASON_INVALID_REQUEST,
                message,
                "",
                Outcome.OUTCOME_NOT_APPLIED,
                Map.of("topic", change.getTopic()));
    }
}
