// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal;

import io.varve.proto.Uuids;
import io.varve.proto.v1.ClusterMetadata;
import io.varve.proto.v1.NodeMetadata;
import io.varve.proto.v1.PartitionMetadata;
import io.varve.proto.v1.TopicMetadata;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was learned of nodes and topics, from whichever node. It never goes back: neither behind a partition's leader epoch
 * within one topic id, nor behind the metadata index at which a topic was created, deleted or created again.
 * <i>Thread-safe.</i>
 */
final class Routes {
    private final Map<String, Known> topics = new HashMap<>(); // guarded by this
    private String clusterId = ""; // guarded by this
    private volatile long index;
    private volatile Map<Integer, NodeMetadata> nodes = Map.of();

    /**
     * A topic as it is known best.
     *
     * @param topic null when it is not there
     * @param index of the newest answer about it
     */
    private record Known(@Nullable TopicMetadata topic, long index) {}

    /** The newest index that any node has told. */
    long index() {
        return index;
    }

    @Nullable
    NodeAddress address(int node) {
        NodeMetadata known = nodes.get(node);
        return known == null ? null : addressOf(known);
    }

    /** Where nodes listen, those that take part before those that are fenced. */
    List<NodeAddress> addresses() {
        List<NodeAddress> all = new ArrayList<>();
        List<NodeAddress> fenced = new ArrayList<>();
        nodes.values().forEach(n -> (n.getFenced() ? fenced : all).add(addressOf(n)));
        all.addAll(fenced);
        return all;
    }

    /** Null if nothing was heard of it, or that it is not there. */
    synchronized @Nullable TopicMetadata topic(String name) {
        Known known = topics.get(name);
        return known == null ? null : known.topic;
    }

    /** Takes in an answer, and returns the names of the topics that are known differently now. */
    synchronized Set<String> learn(ClusterMetadata answer) {
        if (!answer.getClusterId().equals(clusterId)) {
            // Another cluster listens there now: its numbers have nothing to do with the old ones.
            clusterId = answer.getClusterId();
            topics.clear();
            index = 0;
        }
        if (answer.getMetadataIndex() >= index) {
            index = answer.getMetadataIndex();
            Map<Integer, NodeMetadata> now = new TreeMap<>();
            answer.getNodesList().forEach(n -> now.put(n.getId(), n));
            nodes = now;
        }
        Set<String> changed = new HashSet<>();
        for (TopicMetadata topic : answer.getTopicsList()) {
            if (learn(topic, answer.getMetadataIndex())) {
                changed.add(topic.getName());
            }
        }
        return changed;
    }

    private boolean learn(TopicMetadata topic, long at) {
        Known before = topics.get(topic.getName());
        if (before == null) {
            topics.put(topic.getName(), new Known(topic.hasError() ? null : topic, at));
            return true;
        }
        TopicMetadata old = before.topic;
        if (topic.hasError() || old == null || !old.getTopicId().equals(topic.getTopicId())) {
            if (at < before.index) {
                return false;
            }
            topics.put(topic.getName(), new Known(topic.hasError() ? null : topic, at));
            return !topic.hasError() || old != null;
        }
        TopicMetadata merged = at >= before.index ? merge(topic, old) : merge(old, topic);
        topics.put(topic.getName(), new Known(merged, Math.max(at, before.index)));
        return !merged.equals(old);
    }

    /** The newer answer, but for partitions of which the older one has a later leader epoch: from a hint, that is. */
    private static TopicMetadata merge(TopicMetadata newer, TopicMetadata older) {
        Map<Integer, PartitionMetadata> others = new HashMap<>();
        older.getPartitionsList().forEach(p -> others.put(p.getPartition(), p));
        TopicMetadata.Builder merged = newer.toBuilder();
        for (int i = 0; i < newer.getPartitionsCount(); i++) {
            PartitionMetadata other = others.get(newer.getPartitions(i).getPartition());
            if (other != null && other.getLeaderEpoch() > newer.getPartitions(i).getLeaderEpoch()) {
                merged.setPartitions(i, other);
            }
        }
        return merged.build();
    }

    /**
     * A node said who leads a partition instead of it. Returns whether that was news.
     *
     * @param metadataIndex that the node has reached; 0 if it did not say
     */
    synchronized boolean hint(
            String name, String topicId, int partition, int leader, int leaderEpoch, long metadataIndex) {
        index = Math.max(index, metadataIndex);
        Known known = topics.get(name);
        TopicMetadata topic = known == null ? null : known.topic;
        if (known == null
                || topic == null
                || leader == 0
                || !nodes.containsKey(leader)
                || !Uuids.isUuid(topic.getTopicId())
                || !Uuids.toText(Uuids.fromBytes(topic.getTopicId())).equals(topicId)) {
            return false;
        }
        for (int i = 0; i < topic.getPartitionsCount(); i++) {
            PartitionMetadata p = topic.getPartitions(i);
            if (p.getPartition() == partition && p.getLeaderEpoch() < leaderEpoch) {
                topics.put(
                        name,
                        new Known(
                                topic.toBuilder()
                                        .setPartitions(
                                                i,
                                                p.toBuilder().setLeader(leader).setLeaderEpoch(leaderEpoch))
                                        .build(),
                                known.index));
                return true;
            }
        }
        return false;
    }

    private static NodeAddress addressOf(NodeMetadata node) {
        return new NodeAddress(node.getHost(), node.getPort());
    }
}
