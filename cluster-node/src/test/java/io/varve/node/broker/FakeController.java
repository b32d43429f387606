// SPDX-License-Identifier: Apache-2.0
package io.varve.node.broker;

import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.Controller;
import io.varve.metadata.HeartbeatReply;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.NewTopicSpec;
import io.varve.metadata.command.CommandBody.AlterPartition;
import io.varve.metadata.command.CommandBody.ElectLeaders;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.command.CommandBody.ReportDamage;
import io.varve.metadata.command.CommandBody.ResignLeadership;
import io.varve.metadata.image.CommandResult.PartitionResult;
import io.varve.metadata.image.CommandResult.ProducerIds;
import io.varve.metadata.image.CommandResult.TopicResult;
import io.varve.proto.v1.ErrorReason;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers registrations and signs of life; everything else is not expected. */
final class FakeController implements Controller {

    final List<RegisterBroker> registrations = new CopyOnWriteArrayList<>();
    final List<BrokerHeartbeat> heartbeats = new CopyOnWriteArrayList<>();

    /** How many more calls are answered with NOT_CONTROLLER; meanwhile it is not active. */
    volatile int notActiveFor;

    /** Refuses everything from now on. */
    volatile Optional<ErrorReason> refusal = Optional.empty();

    private <T> Optional<CompletableFuture<T>> refused() {
        if (notActiveFor > 0) {
            notActiveFor--;
            return Optional.of(failed(ErrorReason.ERROR_REASON_NOT_CONTROLLER));
        }
        return refusal.map(FakeController::<T>failed);
    }

    private static <T> CompletableFuture<T> failed(ErrorReason reason) {
        return CompletableFuture.failedFuture(MetadataRejection.notApplied(reason, "as the test wants"));
    }

    @Override
    public boolean isActive() {
        return notActiveFor == 0;
    }

    @Override
    public CompletableFuture<Long> registerBroker(RegisterBroker registration) {
        registrations.add(registration);
        return this.<Long>refused().orElseGet(() -> CompletableFuture.completedFuture(42L));
    }

    @Override
    public CompletableFuture<HeartbeatReply> heartbeat(BrokerHeartbeat heartbeat) {
        heartbeats.add(heartbeat);
        return this.<HeartbeatReply>refused()
                .orElseGet(() -> CompletableFuture.completedFuture(new HeartbeatReply(1, false, false)));
    }

    @Override
    public CompletableFuture<List<TopicResult>> createTopics(List<NewTopicSpec> topics, boolean validateOnly) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<List<TopicResult>> deleteTopics(List<String> names) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<TopicResult> createPartitions(String topic, int totalPartitions) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<TopicResult> alterConfigs(String topic, SortedMap<String, Optional<String>> changes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<ProducerIds> allocateProducerIds(int brokerId, long brokerEpoch) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<List<PartitionResult>> alterPartition(AlterPartition proposal) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<PartitionResult> resignLeadership(ResignLeadership resignation) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> reportDamage(ReportDamage report) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<List<PartitionResult>> electLeaders(ElectLeaders election) {
        throw new UnsupportedOperationException();
    }
}
