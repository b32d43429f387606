// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import io.varve.metadata.broker.RoleChange.Delete;
import io.varve.metadata.broker.RoleChange.Hold;
import io.varve.metadata.broker.RoleChange.Lead;
import io.varve.metadata.broker.RoleChange.SetAside;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.image.TopicImage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;

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
        for (var p : topic.partitions()) {
            var replica = new ReplicaId(topic.id(), p.partition());
            if (p.replicas().contains(nodeId) && p.partitionEpoch() > held.getOrDefault(replica, -1)) {
                held.put(replica, p.partitionEpoch());
                changes.add(p.leader() == nodeId ? new Lead(replica, p) : new Hold(replica, p));
            }
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
