// SPDX-License-Identifier: Apache-2.0
package io.varve.node.partition;

import io.varve.metadata.broker.ReplicaRoles;
import io.varve.metadata.broker.RoleChange;
import io.varve.metadata.broker.RoleChange.Delete;
import io.varve.metadata.broker.RoleChange.Hold;
import io.varve.metadata.broker.RoleChange.Lead;
import io.varve.metadata.broker.RoleChange.SetAside;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.image.TopicImage;
import io.varve.replication.Partition;
import io.varve.replication.PartitionRuntime;
import io.varve.replication.protocol.Members;
import io.varve.storage.DataDirectory;
import io.varve.storage.LogId;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what {@link ReplicaRoles} decides: opens logs, puts partitions on loops, lets them lead, and takes them away.
 * What the disk refuses is tried again. <i>Confined to the thread that applies metadata.</i>
 */
final class RoleTransitions {

    private static final Logger LOG = LoggerFactory.getLogger(RoleTransitions.class);

    private final int nodeId;
    private final DataDirectory directory;
    private final PartitionRuntime runtime;
    private final PartitionTable table;
    private final ReplicaRoles roles;
    private final Map<ReplicaId, RoleChange> unfinished = new LinkedHashMap<>();
    private final Map<ReplicaId, CompletableFuture<Void>> deletions = new HashMap<>(); // that may be under way

    RoleTransitions(int nodeId, DataDirectory directory, PartitionRuntime runtime, PartitionTable table) {
        this.nodeId = nodeId;
        this.directory = directory;
        this.runtime = runtime;
        this.table = table;
        this.roles = new ReplicaRoles(nodeId);
        directory.logs().keySet().forEach(id -> roles.found(new ReplicaId(id.topicId(), id.partition())));
    }

    /** Takes up what deltas changed. The future completes when every loop has done its part. */
    CompletableFuture<Void> onDeltas(MetadataImage image, Collection<UUID> changed, Collection<UUID> removed) {
        changed.forEach(id -> image.topic(id).ifPresent(this::configure));
        return perform(image, roles.onDeltas(image, changed, removed));
    }

    /** Brokers were registered, fenced or unfenced: for the replicas that did not change themselves. */
    void onMembers(MetadataImage image) {
        Members members = ReplicaMetadata.members(image);
        table.all().forEach(hosted -> hosted.partition().onMembers(members));
    }

    /** Takes up a whole, current image, after what deltas removed before it. */
    CompletableFuture<Void> onImage(MetadataImage image, Collection<UUID> removed) {
        List<RoleChange> changes = new ArrayList<>(roles.onDeltas(image, List.of(), removed));
        changes.addAll(roles.onImage(image));
        image.topics().all().forEach(this::configure);
        return perform(image, changes);
    }

    /** Whether something is to be tried again by the next call. */
    boolean hasUnfinished() {
        return !unfinished.isEmpty();
    }

    private CompletableFuture<Void> perform(MetadataImage image, List<RoleChange> changes) {
        Members members = ReplicaMetadata.members(image);
        List<CompletableFuture<Void>> taken = new ArrayList<>();
        for (RoleChange change : withUnfinished(changes)) {
            if (change instanceof Lead lead) {
                open(image, lead).ifPresent(partition -> taken.add(lead(partition, lead.state(), members)));
            } else if (change instanceof Hold hold) {
                open(image, hold)
                        .ifPresent(partition ->
                                taken.add(partition.onMetadata(ReplicaMetadata.state(hold.state()), members)));
            } else if (change instanceof Delete delete) {
                delete(delete.replica());
            } else if (change instanceof SetAside aside) {
                setAside(aside.replica());
            }
        }
        return CompletableFuture.allOf(taken.toArray(CompletableFuture<?>[]::new));
    }

    /** What is to be tried again comes first, but for replicas of which there is news: the newest wins. */
    private List<RoleChange> withUnfinished(List<RoleChange> changes) {
        Set<ReplicaId> news = new HashSet<>();
        changes.forEach(change -> news.add(change.replica()));
        List<RoleChange> all = new ArrayList<>();
        unfinished.values().stream()
                .filter(change -> !news.contains(change.replica()))
                .forEach(all::add);
        unfinished.clear();
        all.addAll(changes);
        return all;
    }

    /** The settings of a topic whose partitions did not change are no change of roles. */
    private void configure(TopicImage topic) {
        for (PartitionImage p : topic.partitions()) {
            table.find(topic.id(), p.partition()).ifPresent(hosted -> {
                hosted.log().configure(TopicSettings.log(topic));
                hosted.partition().configure(TopicSettings.replica(topic, nodeId));
            });
        }
    }

    private Optional<Partition> open(MetadataImage image, RoleChange change) {
        ReplicaId id = change.replica();
        var hosted = table.find(id.topicId(), id.partition());
        var topic = image.topic(id.topicId());
        if (hosted.isPresent() || topic.isEmpty()) {
            return hosted.map(HostedPartition::partition);
        }
        String name = topic.get().name() + "-" + id.partition();
        if (!deletions
                .getOrDefault(id, CompletableFuture.completedFuture(null))
                .isDone()) { // its files are still going
            unfinished.put(id, change);
            return Optional.empty();
        }
        deletions.remove(id);
        try {
            PartitionLog log = directory.create(logId(id), TopicSettings.log(topic.get()));
            Partition partition = Partition.open(name, TopicSettings.replica(topic.get(), nodeId), log, runtime);
            table.put(new HostedPartition(topic.get().name(), partition, log));
            return Optional.of(partition);
        } catch (StorageException e) {
            LOG.error("partition {}: its log cannot be created, trying again", name, e);
            unfinished.put(id, change);
            return Optional.empty();
        }
    }

    private static CompletableFuture<Void> lead(Partition partition, PartitionImage state, Members members) {
        return partition.onMetadata(ReplicaMetadata.state(state), members).handle((done, failure) -> {
            if (failure != null) {
                LOG.error("partition {} epoch {}: cannot lead", partition.name(), state.leaderEpoch(), failure);
            } else {
                LOG.info(
                        "partition {} epoch {}: leads, high watermark {}",
                        partition.name(),
                        state.leaderEpoch(),
                        partition.highWatermark());
            }
            return null;
        });
    }

    /** The one place where files are deleted for good. */
    private void delete(ReplicaId replica) {
        String name = close(replica, "the topic was deleted");
        // Files may be large: not on the thread that others wait for.
        CompletableFuture<Void> deletion =
                CompletableFuture.runAsync(() -> deleteFiles(replica, name), runtime.coldReads());
        deletions.put(replica, deletion);
    }

    private void deleteFiles(ReplicaId replica, String name) {
        try {
            directory.delete(logId(replica));
            LOG.info("partition {}: deleted", name);
        } catch (StorageException e) {
            LOG.error("partition {}: its files cannot be deleted", name, e);
        }
    }

    private void setAside(ReplicaId replica) {
        String name = close(replica, "the metadata does not know it");
        try {
            directory.setAside(logId(replica));
            LOG.warn("log {}: the metadata does not know it; set aside, to be deleted in a day", name);
        } catch (StorageException e) {
            LOG.error("log {}: the metadata does not know it, and it cannot be set aside", name, e);
        }
    }

    private String close(ReplicaId replica, String why) {
        unfinished.remove(replica);
        var hosted = table.find(replica.topicId(), replica.partition());
        hosted.ifPresent(h -> {
            table.remove(h);
            h.partition().close(why).join();
        });
        return hosted.map(h -> h.partition().name()).orElse(logId(replica).toString());
    }

    private static LogId logId(ReplicaId replica) {
        return new LogId(replica.topicId(), replica.partition());
    }
}
