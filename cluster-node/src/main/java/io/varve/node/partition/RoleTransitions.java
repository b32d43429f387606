// SPDX-License-Identifier: Apache-2.0
package io.varve.node.partition;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.TopicImage;
import io.varve.replication.Leadership;
import io.varve.replication.Partition;
import io.varve.replication.PartitionRuntime;
import io.varve.storage.DataDirectory;
import io.varve.storage.LogId;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes this node's replicas what the metadata says they are.
 *
 * <pre>
 * absent  -> idle       the image places a replica here: log created, put on a loop
 * idle    -> leading    the image names this node as leader, under a higher leader epoch
 * leading -> idle       the image names another leader, or none
 * any     -> absent     the topic was removed by a delta: closed, files deleted
 * on disk -> stray      the image does not know the topic: set aside, never deleted at once
 * </pre>
 *
 * <p>Every transition is right on (what is here, the newest image); images between may be skipped (P3). <i>Confined to
 * the thread that applies metadata.</i>
 */
final class RoleTransitions {

    private static final Logger LOG = LoggerFactory.getLogger(RoleTransitions.class);

    private final int nodeId;
    private final DataDirectory directory;
    private final PartitionRuntime runtime;
    private final PartitionTable table;
    private final Map<LogId, Integer> appliedEpochs = new HashMap<>();
    private final Set<LogId> notCreated = new HashSet<>();

    RoleTransitions(int nodeId, DataDirectory directory, PartitionRuntime runtime, PartitionTable table) {
        this.nodeId = nodeId;
        this.directory = directory;
        this.runtime = runtime;
        this.table = table;
    }

    /** Takes up these topics as the image has them. The future completes when every loop has done its part. */
    CompletableFuture<Void> update(MetadataImage image, Collection<UUID> topics) {
        List<CompletableFuture<Void>> leads = new ArrayList<>();
        for (UUID id : topics) {
            image.topic(id).ifPresent(topic -> update(topic, leads));
        }
        return CompletableFuture.allOf(leads.toArray(CompletableFuture<?>[]::new));
    }

    /** The topics of replicas that could not be created, to be tried again. */
    Set<UUID> unfinished() {
        Set<UUID> topics = new HashSet<>();
        notCreated.forEach(id -> topics.add(id.topicId()));
        return topics;
    }

    /** Removes these topics' replicas: the one place where files are deleted for good. */
    void remove(Collection<UUID> topics) {
        for (HostedPartition hosted : List.copyOf(table.all())) {
            if (topics.contains(hosted.partition().id().topicId())) {
                remove(hosted);
            }
        }
        notCreated.removeIf(id -> topics.contains(id.topicId()));
    }

    /** Sets aside every log on disk that a current image does not know. */
    void setAsideUnknown(MetadataImage image) {
        for (LogId id : directory.logs().keySet()) {
            if (image.partition(id.topicId(), id.partition()).isEmpty()) {
                table.find(id.topicId(), id.partition()).ifPresent(this::close);
                try {
                    directory.setAside(id);
                    LOG.warn("log {}: the metadata does not know it; set aside, to be deleted in a day", id);
                } catch (StorageException e) {
                    LOG.error("log {}: the metadata does not know it, and it cannot be set aside", id, e);
                }
            }
        }
    }

    private void update(TopicImage topic, List<CompletableFuture<Void>> leads) {
        for (PartitionImage partition : topic.partitions()) {
            if (partition.replicas().contains(nodeId)) {
                update(topic, partition, leads);
            }
        }
    }

    private void update(TopicImage topic, PartitionImage partition, List<CompletableFuture<Void>> leads) {
        LogId id = new LogId(topic.id(), partition.partition());
        HostedPartition hosted = table.find(id.topicId(), id.partition()).orElse(null);
        if (hosted == null) {
            try {
                hosted = open(topic, id);
            } catch (StorageException e) {
                LOG.error("partition {}-{}: its log cannot be created, trying again", topic.name(), id.partition(), e);
                notCreated.add(id);
                return;
            }
        } else {
            hosted.log().configure(TopicSettings.log(topic));
            hosted.partition().configure(TopicSettings.replica(topic, nodeId));
        }
        if (partition.partitionEpoch() <= appliedEpochs.getOrDefault(id, -1)) {
            return; // P3
        }
        appliedEpochs.put(id, partition.partitionEpoch());
        Partition handle = hosted.partition();
        if (partition.leader() == nodeId) {
            leads.add(lead(handle, partition));
        } else {
            handle.stopLeading(
                    partition.hasLeader()
                            ? "node %d leads in epoch %d".formatted(partition.leader(), partition.leaderEpoch())
                            : "nobody leads in epoch " + partition.leaderEpoch());
        }
    }

    private HostedPartition open(TopicImage topic, LogId id) throws StorageException {
        PartitionLog log = directory.create(id, TopicSettings.log(topic));
        Partition partition =
                Partition.open(topic.name() + "-" + id.partition(), TopicSettings.replica(topic, nodeId), log, runtime);
        HostedPartition hosted = new HostedPartition(topic.name(), partition, log);
        table.put(hosted);
        notCreated.remove(id);
        return hosted;
    }

    private static CompletableFuture<Void> lead(Partition handle, PartitionImage partition) {
        Leadership leadership = new Leadership(
                partition.leaderEpoch(), partition.partitionEpoch(), partition.isr(), partition.effectiveMinIsr());
        return handle.lead(leadership).handle((done, failure) -> {
            if (failure != null) {
                LOG.error("partition {} epoch {}: cannot lead", handle.name(), partition.leaderEpoch(), failure);
            } else {
                LOG.info(
                        "partition {} epoch {}: leads, high watermark {}",
                        handle.name(),
                        partition.leaderEpoch(),
                        handle.highWatermark());
            }
            return null;
        });
    }

    private void remove(HostedPartition hosted) {
        close(hosted);
        LogId id = hosted.partition().id();
        // Files may be large: not on the thread that others wait for.
        runtime.coldReads().execute(() -> {
            try {
                directory.delete(id);
                LOG.info("partition {}: deleted", hosted.partition().name());
            } catch (StorageException e) {
                LOG.error(
                        "partition {}: its files cannot be deleted",
                        hosted.partition().name(),
                        e);
            }
        });
    }

    private void close(HostedPartition hosted) {
        table.remove(hosted);
        appliedEpochs.remove(hosted.partition().id());
        hosted.partition().close("the topic was deleted").join();
    }
}
