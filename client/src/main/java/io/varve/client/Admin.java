// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Looks after topics and shows the cluster. Every call ends within the client's request timeout; failures complete the
 * future with a {@link VarveException}. Calls that change nothing are retried inside while the failure may pass, those
 * that change something only as long as nothing can have happened. Futures complete on a thread of the client, never on
 * one that does I/O. <i>Thread-safe.</i>
 */
public interface Admin {
    /** Completes when the topic has leaders and takes records; fails if it could not be created. */
    CompletableFuture<CreateTopicResult> createTopic(NewTopic topic);

    /** One result for each topic, in the same order; some may have failed. */
    CompletableFuture<List<CreateTopicResult>> createTopics(List<NewTopic> topics);

    /** Checks everything that {@link #createTopics} would, and changes nothing. */
    CompletableFuture<List<CreateTopicResult>> validateTopics(List<NewTopic> topics);

    /** Completes when the name is free again; fails if the topic could not be deleted. */
    CompletableFuture<Void> deleteTopic(String name);

    /** One result for each name, in the same order; some may have failed. */
    CompletableFuture<List<DeleteTopicResult>> deleteTopics(List<String> names);

    /**
     * Deletes the records before an offset, for good; an offset above the high watermark means that one. One result for each
     * partition, in the order of the map; some may have failed.
     */
    CompletableFuture<List<DeleteRecordsResult>> deleteRecords(Map<TopicPartition, Long> beforeOffsets);

    /** All topics ordered by name, without those that begin with {@code __}. */
    CompletableFuture<List<TopicListing>> listTopics();

    CompletableFuture<List<TopicListing>> listTopics(boolean includeInternal);

    /** Fails if the topic is not there. */
    CompletableFuture<TopicDescription> describeTopic(String name);

    /** One description for each name, in the same order; some may carry an error. */
    CompletableFuture<List<TopicDescription>> describeTopics(Collection<String> names);

    CompletableFuture<ClusterDescription> describeCluster();

    /** Health, quorum, nodes and partitions, for operators. */
    AdminCluster cluster();

    /** Configs of topics, settings of nodes. */
    AdminConfigs configs();

    /** Of the node that answers. */
    CompletableFuture<ServerInfo> serverInfo();

    /** Turns positions into offsets; fails if any one of them does. {@link Start#NONE} is not a position. */
    CompletableFuture<Map<TopicPartition, ListedOffset>> listOffsets(Map<TopicPartition, Start> positions);
}
