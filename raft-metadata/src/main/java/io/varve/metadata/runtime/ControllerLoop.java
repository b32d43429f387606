// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.runtime;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.Controller;
import io.varve.metadata.HeartbeatReply;
import io.varve.metadata.MetadataQuorum;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.NewTopicSpec;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.AlterConfigs;
import io.varve.metadata.command.CommandBody.AlterPartition;
import io.varve.metadata.command.CommandBody.CreatePartitions;
import io.varve.metadata.command.CommandBody.DeleteTopics;
import io.varve.metadata.command.CommandBody.ElectLeaders;
import io.varve.metadata.command.CommandBody.Placement;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.command.CommandBody.ReportDamage;
import io.varve.metadata.command.CommandBody.ResignLeadership;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.controller.CommandPort;
import io.varve.metadata.controller.ControllerSettings;
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

/** The controller of this node, on a thread of its own. *Thread-safe.* */
public final class ControllerLoop implements Controller, AutoCloseable {

    private final MetadataQuorum quorum;
    private final ControllerThread thread;
    private final UUID incarnation = UUID.randomUUID();
    private final AtomicLong requests = new AtomicLong();

    private ControllerLoop(MetadataQuorum quorum, int nodeId, ControllerSettings settings) {
        this.quorum = quorum;
        this.thread = new ControllerThread(quorum, nodeId, incarnation, settings);
    }

    /** Starts it; it becomes active by itself whenever this node's voter leads. */
    public static ControllerLoop start(MetadataQuorum quorum, int nodeId, ControllerSettings settings) {
        var loop = new ControllerLoop(quorum, nodeId, settings);
        loop.thread.start();
        return loop;
    }

    @Override
    public boolean isActive() {
        return thread.isActive();
    }

    @Override
    public CompletableFuture<Long> registerBroker(RegisterBroker registration) {
        return execute(MetadataCommand.unfenced(registration))
                .thenApply(r -> ((CommandResult.BrokerRegistered) r).brokerEpoch());
    }

    @Override
    public CompletableFuture<HeartbeatReply> heartbeat(BrokerHeartbeat heartbeat) {
        return thread.heartbeat(heartbeat);
    }

    @Override
    public CompletableFuture<List<TopicResult>> createTopics(List<NewTopicSpec> topics, boolean validateOnly) {
        var body = TopicRequests.create(
                topics, Uuids::random, ThreadLocalRandom.current().nextLong());
        if (validateOnly) {
            return isActive()
                    ? CompletableFuture.completedFuture(topics(TopicRequests.dryRun(quorum.image(), body)))
                    : CompletableFuture.failedFuture(thread.notController());
        }
        return execute(once(body)).thenApply(ControllerLoop::topics);
    }

    @Override
    public CompletableFuture<List<TopicResult>> deleteTopics(List<String> names) {
        if (!isActive()) {
            return CompletableFuture.failedFuture(thread.notController());
        }
        var deletion = TopicRequests.delete(quorum.image(), names);
        return deletion.found().isEmpty()
                ? CompletableFuture.completedFuture(deletion.merge(List.of()))
                : execute(once(new DeleteTopics(deletion.found()))).thenApply(r -> deletion.merge(topics(r)));
    }

    @Override
    public CompletableFuture<TopicResult> createPartitions(String topic, int totalPartitions) {
        long seed = ThreadLocalRandom.current().nextLong();
        return onTopic(topic, id -> new CreatePartitions(id, totalPartitions, Placement.seeded(seed)));
    }

    @Override
    public CompletableFuture<TopicResult> alterConfigs(String topic, SortedMap<String, Optional<String>> changes) {
        return onTopic(topic, id -> new AlterConfigs(id, changes));
    }

    private CompletableFuture<TopicResult> onTopic(String name, Function<UUID, CommandBody> body) {
        if (!isActive()) {
            return CompletableFuture.failedFuture(thread.notController());
        }
        var topic = quorum.image().topic(name);
        if (topic.isEmpty()) {
            return CompletableFuture.failedFuture(
                    new MetadataRejection(TopicRequests.unknown(name), Outcome.OUTCOME_NOT_APPLIED));
        }
        return execute(once(body.apply(topic.get().id())))
                .thenApply(r -> topics(r).get(0));
    }

    @Override
    public CompletableFuture<ProducerIds> allocateProducerIds(int brokerId, long brokerEpoch) {
        return execute(once(new CommandBody.AllocateProducerIds(new BrokerRef(brokerId, brokerEpoch))))
                .thenApply(ProducerIds.class::cast);
    }

    @Override
    public CompletableFuture<List<PartitionResult>> alterPartition(AlterPartition proposal) {
        return execute(MetadataCommand.unfenced(proposal)).thenApply(ControllerLoop::partitions);
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
    public CompletableFuture<List<PartitionResult>> electLeaders(ElectLeaders election) {
        return execute(MetadataCommand.unfenced(election)).thenApply(ControllerLoop::partitions);
    }

    private MetadataCommand once(CommandBody body) {
        return MetadataCommand.unfenced(body).once(new RequestId(incarnation, requests.incrementAndGet()));
    }

    /** Completes with what the machine did, fails with what it refused. */
    private CompletableFuture<CommandResult> execute(MetadataCommand command) {
        var future = new CompletableFuture<CommandResult>();
        thread.execute(command.at(System.currentTimeMillis()), new CommandPort.Completion() {
            @Override
            public void applied(ApplyReply reply) {
                reply.result()
                        .rejection()
                        .ifPresentOrElse(
                                error -> future.completeExceptionally(
                                        new MetadataRejection(error, Outcome.OUTCOME_NOT_APPLIED)),
                                () -> future.complete(reply.result()));
            }

            @Override
            public void failed(MetadataRejection rejection) {
                future.completeExceptionally(rejection);
            }
        });
        return future;
    }

    private static List<TopicResult> topics(CommandResult result) {
        return ((CommandResult.Topics) result).topics();
    }

    private static List<PartitionResult> partitions(CommandResult result) {
        return ((CommandResult.Partitions) result).partitions();
    }

    /** Stops deciding; what is under way fails. Idempotent. */
    @Override
    public void close() {
        thread.close();
    }
}
