// SPDX-License-Identifier: Apache-2.0
package io.varve.node.partition;

import io.varve.metadata.broker.ReplicaRoles;
import io.varve.metadata.broker.RoleChange;
import io.varve.metadata.broker.RoleChange.Delete;
import io.varve.metadata.broker.RoleChange.Hold;
import io.varve.metadata.broker.RoleChange.Lead;
import io.varve.metadata.broker.RoleChange.SetAside;
import io.varve.metadata.broker.RoleUpdate;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.image.TopicImage;
import io.varve.metadata.stream.MetadataUpdate;
import io.varve.replication.Partition;
import io.varve.replication.PartitionRuntime;
import io.varve.replication.protocol.Members;
import io.varve.storage.DataDirectory;
import io.varve.storage.EpochEntry;
import io.varve.storage.LogId;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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
    private final Map<ReplicaId, CompletableFuture<Void>> departures = new HashMap<>(); // that may be under way
    private final DamagedReplicas damaged;
    private @Nullable TopicSettings newest; // that were asked for

    RoleTransitions(
            int nodeId,
            DataDirectory directory,
            PartitionRuntime runtime,
            PartitionTable table,
            DamagedReplicas damaged) {
        this.nodeId = nodeId;
        this.damaged = damaged;
        this.directory = directory;
        this.runtime = runtime;
        this.table = table;
        this.roles = new ReplicaRoles(nodeId);
        directory.logs().keySet().forEach(id -> roles.found(new ReplicaId(id.topicId(), id.partition())));
    }

    /** Takes up a movement of the metadata. The future completes when whoever leads by it takes requests. */
    CompletableFuture<Void> take(MetadataUpdate update) {
        MetadataImage image = update.image();
        departures.values().removeIf(CompletableFuture::isDone);
        RoleUpdate wanted = roles.onUpdate(update, runtime.node().brokerEpoch());
        if (update.reset()) {
            image.topics().all().forEach(this::configure);
        } else {
            update.deltas().stream()
                    .flatMap(delta -> delta.changedTopics().stream())
                    .distinct()
                    .forEach(id -> image.topic(id).ifPresent(this::configure));
        }
        CompletableFuture<Void> ready = perform(image, wanted.changes());
        damaged.look(image).forEach(replica -> startAfresh(image, replica));
        if (wanted.membersChanged()) {
            onMembers(image);
        }
        return ready;
    }

    /** Completes when every partition loop has taken up what was handed to it. */
    CompletableFuture<Void> takenUp() {
        return runtime.loops().caughtUp();
    }

    /** For the replicas that did not change themselves. */
    private void onMembers(MetadataImage image) {
        Members members = ReplicaMetadata.members(image);
        table.all().forEach(hosted -> hosted.partition().onMembers(members));
    }

    /** Whether something is to be tried again by the next call. */
    boolean hasUnfinished() {
        return !unfinished.isEmpty() || !damaged.isEmpty();
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
        TopicSettings settings = settings(topic);
        for (PartitionImage p : topic.partitions()) {
            table.find(topic.id(), p.partition()).ifPresent(hosted -> {
                hosted.log().configure(settings.log());
                hosted.partition().configure(settings.replica());
            });
        }
    }

    /** Changes come topic by topic, mostly. */
    private TopicSettings settings(TopicImage topic) {
        TopicSettings settings = newest;
        if (settings == null || !settings.isOf(topic)) {
            settings = TopicSettings.of(topic, nodeId);
            newest = settings;
        }
        return settings;
    }

    private Optional<Partition> open(MetadataImage image, RoleChange change) {
        ReplicaId id = change.replica();
        var hosted = table.find(id.topicId(), id.partition());
        var topic = image.topic(id.topicId());
        if (hosted.isPresent() || topic.isEmpty()) {
            return hosted.map(HostedPartition::partition);
        }
        String name = topic.get().name() + "-" + id.partition();
        if (!departures
                .getOrDefault(id, CompletableFuture.completedFuture(null))
                .isDone()) { // its files are still going
            unfinished.put(id, change);
            return Optional.empty();
        }
        try {
            TopicSettings settings = settings(topic.get());
            PartitionLog log = directory.create(logId(id), settings.log());
            Partition partition = Partition.open(name, settings.replica(), log, runtime);
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
                LOG.warn("partition {} epoch {}: does not lead", partition.name(), state.leaderEpoch(), failure);
            } else {
                LOG.info(
                        "partition {} epoch {}: leads, high watermark {}",
                        partition.name(),
                        state.leaderEpoch(),
                        partition.highWatermark());
                warnOfLoss(partition, state);
            }
            return null;
        });
    }

    /** P31: nobody was left who was known to hold everything. */
    private static void warnOfLoss(Partition partition, PartitionImage state) {
        if (state.lastUncleanEpoch() != state.leaderEpoch()) {
            return;
        }
        var unused = partition
                .epochs()
                .thenAccept(chain -> LOG.error(
                        "partition {} epoch {}: leads by an unclean recovery, nobody can say whether anything was acknowledged from offset {} on; if so, it is lost",
                        partition.name(),
                        state.leaderEpoch(),
                        chain.stream()
                                .filter(entry -> entry.leaderEpoch() == state.leaderEpoch())
                                .mapToLong(EpochEntry::startOffset)
                                .findFirst()
                                .orElseGet(() -> partition.status().positions().logEndOffset())));
    }

    /** The one place where files are deleted for good. */
    private void delete(ReplicaId replica) {
        closing(replica, "it was removed", name -> {
            try {
                directory.delete(logId(replica));
                LOG.info("partition {}: deleted", name);
            } catch (StorageException e) {
                LOG.error("partition {}: its files cannot be deleted", name, e);
            }
        });
    }

    private void setAside(ReplicaId replica) {
        closing(replica, "the metadata does not know it", name -> {
            try {
                directory.setAside(logId(replica));
                LOG.warn("log {}: the metadata does not know it; set aside, to be deleted in a day", name);
            } catch (StorageException e) {
                LOG.error("log {}: the metadata does not know it, and it cannot be set aside", name, e);
            }
        });
    }

    /** P34. The replica comes back as an empty one that follows: as what the metadata says of it then. */
    private void startAfresh(MetadataImage image, ReplicaId replica) {
        Optional<PartitionImage> state = image.topics().find(replica);
        if (state.isEmpty()) {
            return;
        }
        closing(replica, "its copy is damaged", name -> {
            try {
                directory.startAfresh(logId(replica));
                LOG.warn(
                        "partition {}: damaged, begins anew and is copied from the leader; its old files are kept as logs/{}.*.damaged",
                        name,
                        logId(replica));
                damaged.started(replica);
            } catch (StorageException e) {
                LOG.error("partition {}: its damaged files cannot be set aside, trying again", name, e);
                damaged.notStarted(replica);
            }
        });
        unfinished.put(replica, new Hold(replica, state.get()));
    }

    /** Neither closing nor what comes then runs on the thread that others wait for. */
    private void closing(ReplicaId replica, String why, Consumer<String> then) {
        unfinished.remove(replica);
        Optional<HostedPartition> hosted = table.find(replica.topicId(), replica.partition());
        hosted.ifPresent(table::remove);
        String name = hosted.map(h -> h.partition().name())
                .orElseGet(() -> logId(replica).toString());
        CompletableFuture<Void> closed =
                hosted.map(h -> h.partition().close(why)).orElseGet(() -> CompletableFuture.completedFuture(null));
        departures.put(replica, closed.thenRunAsync(() -> then.accept(name), runtime.coldReads()));
    }

    private static LogId logId(ReplicaId replica) {
        return new LogId(replica.topicId(), replica.partition());
    }
}
