// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.admin;

import io.grpc.MethodDescriptor;
import io.varve.client.Admin;
import io.varve.client.AdminCluster;
import io.varve.client.AdminConfigs;
import io.varve.client.ClusterDescription;
import io.varve.client.CreateTopicResult;
import io.varve.client.DeleteRecordsResult;
import io.varve.client.DeleteTopicResult;
import io.varve.client.ListedOffset;
import io.varve.client.NewTopic;
import io.varve.client.ServerInfo;
import io.varve.client.Start;
import io.varve.client.TopicDescription;
import io.varve.client.TopicListing;
import io.varve.client.TopicPartition;
import io.varve.client.VarveException;
import io.varve.client.internal.ClientContext;
import io.varve.client.internal.OffsetLookup;
import io.varve.proto.v1.CreateTopicsRequest;
import io.varve.proto.v1.DeleteRecordsRequest;
import io.varve.proto.v1.DeleteTopicsRequest;
import io.varve.proto.v1.DescribeTopicsRequest;
import io.varve.proto.v1.GetServerInfoRequest;
import io.varve.proto.v1.ListTopicsRequest;
import io.varve.proto.v1.MetadataServiceGrpc;
import io.varve.proto.v1.TopicServiceGrpc;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** {@link Admin} over the topic and metadata services. <i>Thread-safe.</i> */
public final class GrpcAdmin implements Admin {
    private final ClientContext context;
    private final AdminCluster cluster;
    private final AdminConfigs configs;

    public GrpcAdmin(ClientContext context) {
        this.context = context;
        this.cluster = new GrpcCluster(context);
        this.configs = new GrpcConfigs(context);
    }

    @Override
    public AdminCluster cluster() {
        return cluster;
    }

    @Override
    public AdminConfigs configs() {
        return configs;
    }

    @Override
    public CompletableFuture<CreateTopicResult> createTopic(NewTopic topic) {
        return toUser(create(List.of(topic), false), results -> {
            CreateTopicResult result = results.get(0);
            result.error().ifPresent(GrpcAdmin::raise);
            return result;
        });
    }

    @Override
    public CompletableFuture<List<CreateTopicResult>> createTopics(List<NewTopic> topics) {
        return toUser(create(topics, false), Function.identity());
    }

    @Override
    public CompletableFuture<List<CreateTopicResult>> validateTopics(List<NewTopic> topics) {
        return toUser(create(topics, true), Function.identity());
    }

    @Override
    public CompletableFuture<Void> deleteTopic(String name) {
        return toUser(delete(List.of(name)), results -> {
            results.get(0).error().ifPresent(GrpcAdmin::raise);
            return null;
        });
    }

    @Override
    public CompletableFuture<List<DeleteTopicResult>> deleteTopics(List<String> names) {
        return toUser(delete(names), Function.identity());
    }

    @Override
    public CompletableFuture<List<DeleteRecordsResult>> deleteRecords(Map<TopicPartition, Long> beforeOffsets) {
        DeleteRecordsRequest.Builder request = DeleteRecordsRequest.newBuilder();
        beforeOffsets.forEach((partition, offset) -> {
            if (offset < 0) {
                throw new IllegalArgumentException("before offset " + offset + " of " + partition + " is below 0");
            }
            request.addPartitionsBuilder()
                    .setTopic(partition.topic())
                    .setPartition(partition.partition())
                    .setBeforeOffset(offset);
        });
        // Deleting before the same offset once more does no harm.
        return toUser(
                ask(TopicServiceGrpc.getDeleteRecordsMethod(), request.build(), true),
                answer -> Answers.sized(answer.getResultsList(), beforeOffsets.size(), "DeleteRecords").stream()
                        .map(Answers::trimmed)
                        .toList());
    }

    @Override
    public CompletableFuture<List<TopicListing>> listTopics() {
        return listTopics(false);
    }

    @Override
    public CompletableFuture<List<TopicListing>> listTopics(boolean includeInternal) {
        ListTopicsRequest request = ListTopicsRequest.newBuilder()
                .setIncludeInternal(includeInternal)
                .build();
        return toUser(
                ask(TopicServiceGrpc.getListTopicsMethod(), request, true),
                answer -> answer.getTopicsList().stream().map(Answers::listing).toList());
    }

    @Override
    public CompletableFuture<TopicDescription> describeTopic(String name) {
        return toUser(describe(List.of(name)), topics -> {
            TopicDescription topic = topics.get(0);
            topic.error().ifPresent(GrpcAdmin::raise);
            return topic;
        });
    }

    @Override
    public CompletableFuture<List<TopicDescription>> describeTopics(Collection<String> names) {
        return toUser(describe(names), Function.identity());
    }

    @Override
    public CompletableFuture<ClusterDescription> describeCluster() {
        return toUser(context.cluster().metadata(List.of()), Answers::cluster);
    }

    @Override
    public CompletableFuture<ServerInfo> serverInfo() {
        return toUser(
                ask(MetadataServiceGrpc.getGetServerInfoMethod(), GetServerInfoRequest.getDefaultInstance(), true),
                Answers::serverInfo);
    }

    @Override
    public CompletableFuture<Map<TopicPartition, ListedOffset>> listOffsets(Map<TopicPartition, Start> positions) {
        return toUser(new OffsetLookup(context).find(positions), Function.identity());
    }

    private CompletableFuture<List<CreateTopicResult>> create(List<NewTopic> topics, boolean validateOnly) {
        CreateTopicsRequest.Builder request = CreateTopicsRequest.newBuilder().setValidateOnly(validateOnly);
        for (NewTopic topic : topics) {
            io.varve.proto.v1.NewTopic.Builder item = request.addTopicsBuilder()
                    .setName(topic.name())
                    .setPartitions(topic.partitions())
                    .setReplicationFactor(topic.replicationFactor())
                    .putAllConfigs(topic.configs());
            topic.assignments().forEach(replicas -> item.addAssignmentsBuilder().addAllReplicas(replicas));
        }
        return ask(TopicServiceGrpc.getCreateTopicsMethod(), request.build(), validateOnly)
                .thenApply(answer -> Answers.sized(answer.getResultsList(), topics.size(), "CreateTopics").stream()
                        .map(Answers::created)
                        .toList());
    }

    private CompletableFuture<List<DeleteTopicResult>> delete(List<String> names) {
        DeleteTopicsRequest request =
                DeleteTopicsRequest.newBuilder().addAllNames(names).build();
        return ask(TopicServiceGrpc.getDeleteTopicsMethod(), request, false)
                .thenApply(answer -> Answers.sized(answer.getResultsList(), names.size(), "DeleteTopics").stream()
                        .map(Answers::deleted)
                        .toList());
    }

    private CompletableFuture<List<TopicDescription>> describe(Collection<String> names) {
        DescribeTopicsRequest request =
                DescribeTopicsRequest.newBuilder().addAllNames(names).build();
        return ask(TopicServiceGrpc.getDescribeTopicsMethod(), request, true)
                .thenApply(answer -> Answers.sized(answer.getTopicsList(), names.size(), "DescribeTopics").stream()
                        .map(Answers::description)
                        .toList());
    }

    private <Q, R> CompletableFuture<R> ask(MethodDescriptor<Q, R> method, Q question, boolean repeatable) {
        return context.cluster().askAny(method, question, repeatable);
    }

    /** Leaves the event loop before any code of the user's can run. */
    private <T, R> CompletableFuture<R> toUser(CompletableFuture<T> answer, Function<T, R> convert) {
        CompletableFuture<R> result = new CompletableFuture<>();
        answer.whenCompleteAsync(
                (value, failure) -> {
                    if (failure != null) {
                        result.completeExceptionally(ClientContext.asVarveException(failure));
                        return;
                    }
                    try {
                        result.complete(convert.apply(value));
                    } catch (VarveException e) {
                        result.completeExceptionally(e);
                    }
                },
                context.callbacks());
        return result;
    }

    private static void raise(VarveException error) {
        throw error;
    }
}
