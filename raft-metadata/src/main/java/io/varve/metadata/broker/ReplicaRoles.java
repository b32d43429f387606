// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import io.varve.metadata.broker.RoleChange.Delete;
import io.varve.metadata.broker.RoleChange.Hold;
import io.varve.metadata.broker.RoleChange.Lead;
import io.varve.metadata.broker.RoleChange.SetAside;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.MetadataRecord;
import io.varve.metadata.image.MetadataRecord.PartitionRecord;
import io.varve.metadata.image.MetadataRecord.TopicRemovedRecord;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.image.TopicImage;
import io.varve.metadata.stream.MetadataUpdate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.pcollections.PSortedMap;

/**
 * The roles of one node's replicas, as the metadata wants them. *Confined to whoever applies metadata.*
 *
 * <pre>
 * absent  -> held      the image places a replica here
 * held    -> leading   the image names this node as leader
 * leading -> held      it names another one, or none
 * any     -> deleted   a delta removed the topic, or this replica
 * any     -> aside     a whole image does not know it
 * </pre>
 *
 * <p>Each change is right on (what is here, the newest image): images in between may be skipped, and one that is not
 * newer changes nothing (P3). Invariant: {@code held} has, for each replica, the highest partition epoch handed out.
 */
public final class ReplicaRoles {

    private final int nodeId;
    private final TreeMap<ReplicaId, Integer> held = new TreeMap<>();
    private PSortedMap<Integer, BrokerImage> brokers = MetadataImage.EMPTY.brokers();
    private MetadataImage last = MetadataImage.EMPTY; // of the update before
    private boolean caughtUp;

    public ReplicaRoles(int nodeId) {
        this.nodeId = nodeId;
    }

    /** A replica was found on disk at start: it is set aside if the image does not know it. */
    public void found(ReplicaId replica) {
        held.putIfAbsent(replica, -1);
    }

    /**
     * What deltas ask for.
     *
     * @param changed topics of which anything changed since the last call
     * @param removed topics that are gone
     */
    public List<RoleChange> onDeltas(MetadataImage image, Collection<UUID> changed, Collection<UUID> removed) {
        var changes = new ArrayList<RoleChange>();
        for (var id : removed) {
            replicasOf(id).forEach(r -> changes.add(forget(r, new Delete(r))));
        }
        for (var id : changed) {
            image.topic(id).ifPresent(topic -> {
                onTopic(topic, changes);
                for (var r : replicasOf(id)) {
                    if (!isHere(image, r)) {
                        changes.add(forget(r, new Delete(r)));
                    }
                }
            });
        }
        return changes;
    }

    /**
     * What the metadata asks for now.
     *
     * <p>Nothing but deletions is done before an image has this node's own registration, because a voter that is behind
     * could send one that is older than what this node held in its former life, and its replicas would be put aside.
     *
     * @param brokerEpoch under which the node is registered, 0 for not yet
     */
    public RoleUpdate onUpdate(MetadataUpdate update, long brokerEpoch) {
        var changes = new ArrayList<RoleChange>();
        var placed = new TreeMap<ReplicaId, Boolean>();
        for (var delta : update.deltas()) {
            delta.records().forEach(r -> deleteBy(r, placed, changes));
        }
        last = update.image();
        var members = changedMembers(update);
        if (brokerEpoch == 0 || update.image().index() < brokerEpoch) {
            caughtUp = false;
            return new RoleUpdate(changes, members);
        }
        if (update.reset() || !caughtUp) {
            changes.addAll(onImage(update.image()));
        } else {
            placed.keySet().forEach(id -> update.image().topics().find(id).ifPresent(p -> onPartition(id, p, changes)));
        }
        caughtUp = true;
        return new RoleUpdate(changes, members);
    }

    /**
     * One by one: a replica that left and came back is a new one, whatever the newest image says (P3, P43). It left where a
     * record without this node follows one with it: a record from before it came says nothing about what is here.
     *
     * @param placed whether the newest record of each changed partition so far places a replica here
     */
    private void deleteBy(MetadataRecord r, Map<ReplicaId, Boolean> placed, List<RoleChange> changes) {
        if (r instanceof TopicRemovedRecord removed) {
            replicasOf(removed.id()).forEach(id -> changes.add(forget(id, new Delete(id))));
        } else if (r instanceof PartitionRecord p) {
            var id = new ReplicaId(p.topicId(), p.partition().partition());
            boolean here = p.partition().replicas().contains(nodeId);
            boolean before = placed.containsKey(id) ? placed.get(id) : isHere(last, id);
            placed.put(id, here);
            if (before && !here && held.containsKey(id)) {
                changes.add(forget(id, new Delete(id)));
            }
        }
    }

    private SortedSet<Integer> changedMembers(MetadataUpdate update) {
        var ids = new TreeSet<Integer>();
        update.deltas().forEach(d -> ids.addAll(d.changedBrokers()));
        if (update.reset()) {
            var now = update.image().brokers();
            ids.addAll(now.keySet());
            ids.addAll(brokers.keySet());
            ids.removeIf(id -> Objects.equals(now.get(id), brokers.get(id)));
        }
        brokers = update.image().brokers();
        return ids;
    }

    /** What a whole image asks for, whatever was known before. */
    public List<RoleChange> onImage(MetadataImage image) {
        var changes = new ArrayList<RoleChange>();
        for (var r : List.copyOf(held.keySet())) {
            if (!isHere(image, r)) {
                changes.add(forget(r, new SetAside(r)));
            }
        }
        image.topics().all().forEach(topic -> onTopic(topic, changes));
        return changes;
    }

    private void onTopic(TopicImage topic, List<RoleChange> changes) {
        topic.partitions().forEach(p -> onPartition(new ReplicaId(topic.id(), p.partition()), p, changes));
    }

    private void onPartition(ReplicaId replica, PartitionImage p, List<RoleChange> changes) {
        if (p.replicas().contains(nodeId) && p.partitionEpoch() > held.getOrDefault(replica, -1)) {
            held.put(replica, p.partitionEpoch());
            changes.add(p.leader() == nodeId ? new Lead(replica, p) : new Hold(replica, p));
        }
    }

    private boolean isHere(MetadataImage image, ReplicaId replica) {
        return image.topics()
                .find(replica)
                .map(PartitionImage::replicas)
                .orElse(List.of())
                .contains(nodeId);
    }

    private List<ReplicaId> replicasOf(UUID topicId) {
        return List.copyOf(held.subMap(new ReplicaId(topicId, 0), true, new ReplicaId(topicId, Integer.MAX_VALUE), true)
                .keySet());
    }

    private RoleChange forget(ReplicaId replica, RoleChange change) {
        held.remove(replica);
        return change;
    }
}
