// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.grpc.stub.StreamObserver;
import io.varve.metadata.Controller;
import io.varve.metadata.NewTopicSpec;
import io.varve.metadata.image.CommandResult.TopicResult;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.TopicImage;
import io.varve.node.data.RecordDeletions;
import io.varve.proto.ErrorReasons;
import io.varve.proto.Uuids;
import io.varve.proto.v1.CreateTopicResult;
import io.varve.proto.v1.CreateTopicsRequest;
import io.varve.proto.v1.CreateTopicsResponse;
import io.varve.proto.v1.DeleteRecordsRequest;
import io.varve.proto.v1.DeleteRecordsResponse;
import io.varve.proto.v1.DeleteTopicResult;
import io.varve.proto.v1.DeleteTopicsRequest;
import io.varve.proto.v1.DeleteTopicsResponse;
import io.varve.proto.v1.DescribeTopicsRequest;
import io.varve.proto.v1.DescribeTopicsResponse;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.ListTopicsRequest;
import io.varve.proto.v1.ListTopicsResponse;
import io.varve.proto.v1.NewTopic;
import io.varve.proto.v1.Outcome;
import io.varve.proto.v1.ReplicaAssignment;
import io.varve.proto.v1.TopicDescription;
import io.varve.proto.v1.TopicListing;
import io.varve.proto.v1.TopicServiceGrpc;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Topics: asks the controller for changes, answers questions from the image. <i>Thread-safe.</i> */
public final class TopicGrpcService extends TopicServiceGrpc.TopicServiceImplBase {

    private static final int MAX_ITEMS = 1000;

    private final Controller controller;
    private final Supplier<MetadataImage> image;
    private final LocalPartitions partitions;
    private final TopicDescriptions descriptions;
    private final RecordDeletions deletions;
    private final Map<String, String> topicDefaults;
    private final BatchLimit limits;

    /**
     * @param topicDefaults configs for topics that are created without them
     * @param maxBatchBytes the largest batch that the node takes from the network
     */
    public TopicGrpcService(
            Controller controller,
            Supplier<MetadataImage> image,
            LocalPartitions partitions,
            LeaderViews leaders,
            RecordDeletions deletions,
            Map<String, String> topicDefaults,
            int maxBatchBytes) {
        this.controller = controller;
        this.image = image;
        this.partitions = partitions;
        this.descriptions = new TopicDescriptions(leaders);
        this.deletions = deletions;
        this.topicDefaults = Map.copyOf(topicDefaults);
        this.limits = new BatchLimit(maxBatchBytes);
    }

    @Override
    public void createTopics(CreateTopicsRequest request, StreamObserver<CreateTopicsResponse> observer) {
        requireItems("topics", request.getTopicsCount());
        List<NewTopicSpec> specs =
                request.getTopicsList().stream().map(this::spec).toList();
        List<NewTopicSpec> wanted =
                specs.stream().filter(spec -> limits.problem(spec).isEmpty()).toList();
        boolean validateOnly = request.getValidateOnly();
        var asked = wanted.isEmpty()
                ? CompletableFuture.completedFuture(List.<TopicResult>of())
                : controller.createTopics(wanted, validateOnly);
        var answer = asked
                // The change is in the image now; a moment later the partitions lead.
                .thenCompose(
                        results -> partitions.whenApplied(image.get().index()).thenApply(none -> results))
                .thenApply(results -> created(specs, results.iterator(), validateOnly));
        Replies.send(answer, observer);
    }

    /** @param results of the topics that the node's own limit does not forbid */
    private CreateTopicsResponse created(
            List<NewTopicSpec> specs, Iterator<TopicResult> results, boolean validateOnly) {
        var response = CreateTopicsResponse.newBuilder();
        for (NewTopicSpec spec : specs) {
            response.addResults(limits.problem(spec)
                    .map(error -> CreateTopicResult.newBuilder()
                            .setName(spec.name())
                            .setError(error)
                            .build())
                    .orElseGet(() -> created(results.next(), validateOnly)));
        }
        return response.build();
    }

    @Override
    public void deleteTopics(DeleteTopicsRequest request, StreamObserver<DeleteTopicsResponse> observer) {
        requireItems("names", request.getNamesCount());
        var answer = controller
                .deleteTopics(request.getNamesList())
                .thenApply(results -> DeleteTopicsResponse.newBuilder()
                        .addAllResults(
                                results.stream().map(TopicGrpcService::deleted).toList())
                        .build());
        Replies.send(answer, observer);
    }

    @Override
    public void listTopics(ListTopicsRequest request, StreamObserver<ListTopicsResponse> observer) {
        var response = ListTopicsResponse.newBuilder();
        image.get().topics().all().stream()
                .filter(topic -> request.getIncludeInternal() || !topic.internal())
                .sorted(Comparator.comparing(TopicImage::name))
                .forEach(topic -> response.addTopics(TopicListing.newBuilder()
                        .setName(topic.name())
                        .setTopicId(Uuids.toText(topic.id()))
                        .setPartitions(topic.partitions().size())
                        .setReplicationFactor(topic.replicationFactor())
                        .setDurability(topic.durability().word())));
        observer.onNext(response.build());
        observer.onCompleted();
    }

    @Override
    public void describeTopics(DescribeTopicsRequest request, StreamObserver<DescribeTopicsResponse> observer) {
        requireItems("names", request.getNamesCount());
        MetadataImage now = image.get();
        List<CompletableFuture<TopicDescription>> topics = request.getNamesList().stream()
                .map(name -> descriptions.describe(now, name))
                .toList();
        Replies.send(
                CompletableFuture.allOf(topics.toArray(CompletableFuture[]::new))
                        .thenApply(none -> DescribeTopicsResponse.newBuilder()
                                .addAllTopics(topics.stream()
                                        .map(CompletableFuture::join)
                                        .toList())
                                .build()),
                observer);
    }

    @Override
    public void deleteRecords(DeleteRecordsRequest request, StreamObserver<DeleteRecordsResponse> observer) {
        requireItems("partitions", request.getPartitionsCount());
        Replies.send(deletions.delete(request, RequestContext.current().deadline()), observer);
    }

    private NewTopicSpec spec(NewTopic topic) {
        Map<String, String> configs = new TreeMap<>(topicDefaults);
        configs.putAll(topic.getConfigsMap());
        NewTopicSpec spec =
                NewTopicSpec.of(topic.getName(), topic.getPartitions(), topic.getReplicationFactor(), configs);
        return topic.getAssignmentsCount() == 0
                ? spec
                : spec.assigned(topic.getAssignmentsList().stream()
                        .map(ReplicaAssignment::getReplicasList)
                        .toList());
    }

    private static CreateTopicResult created(TopicResult result, boolean validateOnly) {
        var answer = CreateTopicResult.newBuilder().setName(result.name());
        if (result.error().isPresent()) {
            return answer.setError(Failures.toError(result.error().get(), Outcome.OUTCOME_NOT_APPLIED))
                    .build();
        }
        if (!validateOnly) {
            answer.setTopicId(Uuids.toBytes(result.topicId()));
        }
        return answer.setPartitions(result.partitions())
                .setReplicationFactor(result.replicationFactor())
                .build();
    }

    private static DeleteTopicResult deleted(TopicResult result) {
        var answer = DeleteTopicResult.newBuilder().setName(result.name());
        result.error().ifPresent(error -> answer.setError(Failures.toError(error, Outcome.OUTCOME_NOT_APPLIED)));
        return answer.build();
    }

    private static void requireItems(String field, int count) {
        if (count < 1 || count > MAX_ITEMS) {
            throw ErrorReasons.toStatus(ErrorReasons.error(
                    ErrorReason.ERROR_REASON_INVALID_REQUEST,
                    "%s must have 1 to %d elements, but has %d".formatted(field, MAX_ITEMS, count)));
        }
    }
}
