// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata;

import io.varve.metadata.command.CommandBody.AlterPartition;
import io.varve.metadata.command.CommandBody.ElectLeaders;
import io.varve.metadata.command.CommandBody.ReportDamage;
import io.varve.metadata.command.CommandBody.ReportFreshStart;
import io.varve.metadata.command.CommandBody.ResignLeadership;
import io.varve.metadata.image.CommandResult.PartitionResult;
import io.varve.metadata.image.CommandResult.ProducerIds;
import io.varve.metadata.image.CommandResult.TopicResult;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;

/**
 * The active controller, wherever it is, for nodes and administrators. *Thread-safe.*
 *
 * <p>Every future fails with a {@link MetadataRejection} when the call failed as a whole; its outcome says whether it may
 * have been applied all the same. Batch calls complete normally with an error per item. When a future completes normally
 * the change is committed and in this node's image; other nodes may not have it yet. Names are looked up in this node's
 * image. Callbacks run on threads that others wait for: do not block.
 */
public interface Controller {

    /** One result for each topic, in the same order. */
    CompletableFuture<List<TopicResult>> createTopics(List<NewTopicSpec> topics, boolean validateOnly);

    /** One result for each name, in the same order. */
    CompletableFuture<List<TopicResult>> deleteTopics(List<String> names);

    /** Adds partitions until there are {@code totalPartitions}. */
    CompletableFuture<TopicResult> createPartitions(String topic, int totalPartitions);

    /** All changes or none; an empty value goes back to the default. */
    CompletableFuture<TopicResult> alterConfigs(
            String topic, SortedMap<String, Optional<String>> changes, boolean validateOnly);

    /** A block of producer ids that nobody else gets. */
    CompletableFuture<ProducerIds> allocateProducerIds(int brokerId, long brokerEpoch);

    /** One result for each partition, in the same order, with the state that now holds. */
    CompletableFuture<List<PartitionResult>> alterPartition(AlterPartition proposal);

    CompletableFuture<PartitionResult> resignLeadership(ResignLeadership resignation);

    /** Completes when these copies count for nothing any more. {@code STALE_BROKER_EPOCH}: the node was registered again since. */
    CompletableFuture<Void> reportDamage(ReportDamage report);

    CompletableFuture<Void> reportFreshStart(ReportFreshStart report);

    CompletableFuture<List<PartitionResult>> electLeaders(ElectLeaders election);
}
