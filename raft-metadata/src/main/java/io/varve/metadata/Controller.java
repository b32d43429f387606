// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata;

import io.varve.metadata.command.CommandBody.AlterPartition;
import io.varve.metadata.command.CommandBody.ElectLeaders;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.command.CommandBody.ReportDamage;
import io.varve.metadata.command.CommandBody.ResignLeadership;
import io.varve.metadata.image.CommandResult.PartitionResult;
import io.varve.metadata.image.CommandResult.ProducerIds;
import io.varve.metadata.image.CommandResult.TopicResult;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;

/**
 * The active controller, for nodes and administrators. *Thread-safe.*
 *
 * <p>Every future fails with a {@link MetadataRejection} when the call failed as a whole: {@code NOT_CONTROLLER} while
 * this node is not the active controller, outcome INDETERMINATE if it stopped being it while the call was under way.
 * Batch calls complete normally with an error per item. When a future completes normally the change is committed and in
 * this node's image; other nodes may not have it yet. Callbacks run on the controller's loop: do not block.
 */
public interface Controller {

    /** Whether this node is the active controller. May be out of date the moment it is read. */
    boolean isActive();

    /** Completes with the new broker epoch. {@code DUPLICATE_BROKER_REGISTRATION}: another disk lives under this id. */
    CompletableFuture<Long> registerBroker(RegisterBroker registration);

    /**
     * Notes a sign of life, and unfences a node that has caught up with its own registration. {@code
     * STALE_BROKER_EPOCH}: the node was registered again since. Completes at once; the unfencing comes by the image.
     */
    CompletableFuture<HeartbeatReply> heartbeat(BrokerHeartbeat heartbeat);

    /** One result for each topic, in the same order. */
    CompletableFuture<List<TopicResult>> createTopics(List<NewTopicSpec> topics, boolean validateOnly);

    /** One result for each name, in the same order. */
    CompletableFuture<List<TopicResult>> deleteTopics(List<String> names);

    /** Adds partitions until there are {@code totalPartitions}. */
    CompletableFuture<TopicResult> createPartitions(String topic, int totalPartitions);

    /** An empty value goes back to the default. */
    CompletableFuture<TopicResult> alterConfigs(String topic, SortedMap<String, Optional<String>> changes);

    /** A block of producer ids that nobody else gets. */
    CompletableFuture<ProducerIds> allocateProducerIds(int brokerId, long brokerEpoch);

    /** One result for each partition, in the same order, with the state that now holds. */
    CompletableFuture<List<PartitionResult>> alterPartition(AlterPartition proposal);

    CompletableFuture<PartitionResult> resignLeadership(ResignLeadership resignation);

    /** Completes when these copies count for nothing any more. {@code STALE_BROKER_EPOCH}: the node was registered again since. */
    CompletableFuture<Void> reportDamage(ReportDamage report);

    CompletableFuture<List<PartitionResult>> electLeaders(ElectLeaders election);
}
