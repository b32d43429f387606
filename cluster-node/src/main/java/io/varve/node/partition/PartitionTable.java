// SPDX-License-Identifier: Apache-2.0
package io.varve.node.partition;

import io.varve.storage.LogId;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The replicas on this node, by topic id and by topic name. <i>Thread-safe</i>; written by one thread. */
public final class PartitionTable {

    private final Map<LogId, HostedPartition> byId = new ConcurrentHashMap<>();
    private final Map<String, UUID> topicIds = new ConcurrentHashMap<>();

    public Optional<HostedPartition> find(UUID topicId, int partition) {
        return partition < 0 ? Optional.empty() : Optional.ofNullable(byId.get(new LogId(topicId, partition)));
    }

    public Optional<HostedPartition> find(String topic, int partition) {
        UUID id = topicIds.get(topic);
        return id == null ? Optional.empty() : find(id, partition);
    }

    /** All replicas at this moment, in no order. */
    public Collection<HostedPartition> all() {
        return byId.values();
    }

    void put(HostedPartition hosted) {
        LogId id = hosted.partition().id();
        byId.put(id, hosted);
        topicIds.put(hosted.topic(), id.topicId());
    }

    void remove(HostedPartition hosted) {
        LogId id = hosted.partition().id();
        byId.remove(id);
        if (byId.keySet().stream().noneMatch(other -> other.topicId().equals(id.topicId()))) {
            topicIds.remove(hosted.topic(), id.topicId()); // the name may belong to a newer topic already
        }
    }
}
