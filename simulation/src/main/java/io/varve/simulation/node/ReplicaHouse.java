// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.metadata.broker.ReplicaRoles;
import io.varve.metadata.broker.RoleChange;
import io.varve.metadata.broker.RoleUpdate;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.image.TopicImage;
import io.varve.metadata.stream.MetadataUpdate;
import io.varve.replication.protocol.Rules;
import io.varve.storage.DataDirectory;
import io.varve.storage.LogId;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import io.varve.storage.TailCache;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps the replicas of a process as its metadata says. */
final class ReplicaHouse {
    private static final long TAIL_CACHE_BYTES =
            24 << 10; // small: followers that are a little behind read from the disk

    private final NodeServices node;
    private final DataDirectory directory;
    private final SimLog.ColdReader coldReader;
    private final Replicas replicas;
    private final Rules rules;
    private final Opened opened;
    private final ReplicaRoles roles;
    private final TailCache tailCache = new TailCache(TAIL_CACHE_BYTES);
    private final Map<ReplicaId, RoleChange> unfinished = new LinkedHashMap<>();
    private MetadataImage image = MetadataImage.EMPTY;

    /** Hears of a new replica. */
    interface Opened {
        void opened(HostedReplica replica);
    }

    ReplicaHouse(
            NodeServices node,
            DataDirectory directory,
            SimLog.ColdReader coldReader,
            Replicas replicas,
            Rules rules,
            Opened opened) {
        this.node = node;
        this.directory = directory;
        this.coldReader = coldReader;
        this.replicas = replicas;
        this.rules = rules;
        this.opened = opened;
        this.roles = new ReplicaRoles(node.nodeId());
        for (LogId id : directory.logs().keySet()) {
            roles.found(new ReplicaId(id.topicId(), id.partition()));
        }
    }

    /** What each log was found to hold, told to the checks. */
    void tellRecovered(boolean rots) {
        for (PartitionLog log : directory.logs().values()) {
            if (rots && !SimLog.isReadable(log)) {
                long end = log.damage().isPresent() ? 0 : log.writtenEndOffset();
                node.events().rotted(node.nodeId(), log.id(), end);
            } else {
                SimLog.tellRecovered(node.nodeId(), log, node.events());
            }
        }
    }

    MetadataImage image() {
        return image;
    }

    boolean hasUnfinished() {
        return !unfinished.isEmpty();
    }

    /** Takes the metadata over. */
    void apply(MetadataUpdate update) {
        MetadataImage before = image;
        image = update.image();
        RoleUpdate roleUpdate = roles.onUpdate(update, node.brokerEpoch());
        perform(roleUpdate.changes());
        if (roleUpdate.membersChanged() || !before.brokers().equals(image.brokers())) {
            replicas.all().forEach(replica -> replica.onMembers(image));
        }
    }

    /** The node is registered: what the metadata asks for counts from now on. */
    void registered() {
        perform(roles.onUpdate(MetadataUpdate.reset(image), node.brokerEpoch()).changes());
    }

    /** Tries again what the disk refused. */
    void retry() {
        perform(List.of());
    }

    /** The newest change of each replica wins: an older one must not come after it. */
    private void perform(List<RoleChange> changes) {
        changes.forEach(change -> {
            unfinished.remove(change.replica());
            unfinished.put(change.replica(), change);
        });
        List<RoleChange> all = new ArrayList<>(unfinished.values());
        unfinished.clear();
        for (RoleChange change : all) {
            try {
                perform(change);
            } catch (StorageException e) {
                unfinished.put(change.replica(), change);
            }
        }
    }

    private void perform(RoleChange change) throws StorageException {
        LogId id = new LogId(change.replica().topicId(), change.replica().partition());
        if (change instanceof RoleChange.Lead lead) {
            HostedReplica replica = open(id);
            if (replica != null) {
                replica.onMetadata(lead.state(), image);
            }
        } else if (change instanceof RoleChange.Hold hold) {
            HostedReplica replica = open(id);
            if (replica != null) {
                replica.onMetadata(hold.state(), image);
            }
        } else if (change instanceof RoleChange.Delete) {
            close(id, "the topic was deleted");
            directory.delete(id);
        } else if (change instanceof RoleChange.SetAside) {
            close(id, "the metadata does not know it");
            directory.setAside(id);
        }
    }

    private @Nullable HostedReplica open(LogId id) throws StorageException {
        HostedReplica there = replicas.find(id);
        TopicImage topic = image.topic(id.topicId()).orElse(null);
        if (there != null || topic == null) {
            return there;
        }
        PartitionLog log = directory.create(id, MetadataViews.log(topic));
        SimLog simLog = new SimLog(
                node.nodeId(), node.loop(), coldReader, log, tailCache.newTail(), node.events(), node::countTruncation);
        HostedReplica replica = new HostedReplica(node, topic, id, simLog, rules);
        replicas.add(replica);
        opened.opened(replica);
        return replica;
    }

    private void close(LogId id, String why) {
        HostedReplica replica = replicas.remove(id);
        if (replica != null) {
            replica.stop(why);
            node.events().removed(node.nodeId(), id);
        }
    }

    /** Gives a replica whose copy is damaged an empty log. Whether that could be done; the replica is a new one anyway. */
    boolean startAfresh(ReplicaId replica) {
        LogId id = new LogId(replica.topicId(), replica.partition());
        HostedReplica damaged = replicas.remove(id);
        if (damaged != null) {
            damaged.stop("its copy is damaged");
        }
        node.events().rotted(node.nodeId(), id, 0);
        boolean done = true;
        try {
            directory.startAfresh(id);
        } catch (StorageException e) {
            done = false;
        }
        image.topics().find(replica).ifPresent(state -> perform(List.of(new RoleChange.Hold(replica, state))));
        return done;
    }

    /** The process ends, in order or not: gives back what is held in memory. */
    void release(String why) {
        for (HostedReplica replica : new ArrayList<>(replicas.all())) {
            replica.stop(why);
        }
        tailCache.close();
    }
}
