// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.runtime;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.CommandDoor;
import io.varve.metadata.Controller;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.MetadataSource;
import io.varve.metadata.NewTopicSpec;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.AllocateProducerIds;
import io.varve.metadata.command.CommandBody.AlterConfigs;
import io.varve.metadata.command.CommandBody.AlterPartition;
import io.varve.metadata.command.CommandBody.CreatePartitions;
import io.varve.metadata.command.CommandBody.DeleteTopics;
import io.varve.metadata.command.CommandBody.ElectLeaders;
import io.varve.metadata.command.CommandBody.Placement;
import io.varve.metadata.command.CommandBody.ReportDamage;
import io.varve.metadata.command.CommandBody.ReportFreshStart;
import io.varve.metadata.command.CommandBody.ResignLeadership;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.controller.TopicRequests;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.CommandResult.PartitionResult;
import io.varve.metadata.image.CommandResult.ProducerIds;
import io.varve.metadata.image.CommandResult.TopicResult;
import io.varve.metadata.image.RequestId;
import io.varve.proto.Uuids;
import io.varve.proto.v1.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** Makes commands of what nodes and administrators want; a door carries them to the controller. *Thread-safe.* */
public final class ControllerCalls implements Controller {

    private final CommandDoor door;
    private final MetadataSource metadata;
    private final UUID requester = UUID.randomUUID();
    private final AtomicLong requests = new AtomicLong();

    /** @param metadata of this node, which names are looked up in */
    public ControllerCalls(CommandDoor door, MetadataSource metadata) {
        this.door = door;
        this.metadata = metadata;
    }

    @Override
    public CompletableFuture<List<TopicResult>> createTopics(List<NewTopicSpec> topics, boolean validateOnly) {
        var body = TopicRequests.create(
                topics, Uuids::random, ThreadLocalRandom.current().nextLong());
        return validateOnly
                ? CompletableFuture.completedFuture(topics(TopicRequests.dryRun(metadata.image(), body)))
                : execute(once(body)).thenApply(ControllerCalls::topics);
    }

    @Override
    public CompletableFuture<List<TopicResult>> deleteTopics(List<String> names) {
        var deletion = TopicRequests.delete(metadata.image(), names);
        return deletion.found().isEmpty()
                ? CompletableFuture.completedFuture(deletion.merge(List.of()))
                : execute(once(new DeleteTopics(deletion.found()))).thenApply(r -> deletion.merge(topics(r)));
    }

    @Override
    public CompletableFuture<TopicResult> createPartitions(String topic, int totalPartitions) {
        long seed = ThreadLocalRandom.current().nextLong();
        return onTopic(topic, id -> new CreatePartitions(id, totalPartitions, Placement.seeded(seed)), false);
    }

    @Override
    public CompletableFuture<TopicResult> alterConfigs(
            String topic, SortedMap<String, Optional<String>> changes, boolean validateOnly) {
        return onTopic(topic, id -> new AlterConfigs(id, changes), validateOnly);
    }

    private CompletableFuture<TopicResult> onTopic(String name, Function<UUID, CommandBody> body, boolean dry) {
        var image = metadata.image();
        var topic = image.topic(name);
        if (topic.isEmpty()) {
            return CompletableFuture.failedFuture(
                    new MetadataRejection(TopicRequests.unknown(name), Outcome.OUTCOME_NOT_APPLIED));
        }
        var wanted = body.apply(topic.get().id());
        var result = dry
                ? CompletableFuture.completedFuture(TopicRequests.dryRun(image, wanted))
                        .thenApply(ControllerCalls::unlessRefused)
                : execute(once(wanted));
        return result.thenApply(r -> topics(r).get(0));
    }

    @Override
    public CompletableFuture<ProducerIds> allocateProducerIds(int brokerId, long brokerEpoch) {
        return execute(once(new AllocateProducerIds(new BrokerRef(brokerId, brokerEpoch))))
                .thenApply(ProducerIds.class::cast);
    }

    @Override
    public CompletableFuture<List<PartitionResult>> alterPartition(AlterPartition proposal) {
        return execute(MetadataCommand.unfenced(proposal)).thenApply(ControllerCalls::partitions);
    }

    @Override
    public CompletableFuture<PartitionResult> resignLeadership(ResignLeadership resignation) {
        return execute(MetadataCommand.unfenced(resignation))
                .thenApply(r -> partitions(r).get(0));
    }

    @Override
    public CompletableFuture<Void> reportDamage(ReportDamage report) {
        return execute(MetadataCommand.unfenced(report)).thenApply(r -> null);
    }

    @Override
    public CompletableFuture<Void> reportFreshStart(ReportFreshStart report) {
        return execute(MetadataCommand.unfenced(report)).thenApply(r -> null);
    }

    @Override
    public CompletableFuture<List<PartitionResult>> electLeaders(ElectLeaders election) {
        return execute(MetadataCommand.unfenced(election)).thenApply(ControllerCalls::partitions);
    }

    private MetadataCommand once(CommandBody body) {
        return MetadataCommand.unfenced(body).once(new RequestId(requester, requests.incrementAndGet()));
    }

    /** Completes with what the machine did, fails with what it refused. */
    private CompletableFuture<CommandResult> execute(MetadataCommand command) {
        return door.execute(command.at(System.currentTimeMillis()))
                .thenApply(ApplyReply::result)
                .thenApply(ControllerCalls::unlessRefused);
    }

    private static CommandResult unlessRefused(CommandResult result) {
        result.rejection().ifPresent(error -> {
            throw new MetadataRejection(error, Outcome.OUTCOME_NOT_APPLIED);
        });
        return result;
    }

    private static List<TopicResult> topics(CommandResult result) {
        return ((CommandResult.Topics) result).topics();
    }

    private static List<PartitionResult> partitions(CommandResult result) {
        return ((CommandResult.Partitions) result).partitions();
    }
}
