// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

import java.util.Collection;
import java.util.Optional;
import java.util.UUID;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * All topics, by id and by name. *Immutable.*
 *
 * <p>Invariant: {@code names} holds exactly one entry for each topic of {@code byId}.
 */
public record TopicsImage(PSortedMap<UUID, TopicImage> byId, PSortedMap<String, UUID> names) {

    public static final TopicsImage EMPTY = new TopicsImage(TreePMap.empty(), TreePMap.empty());

    public Optional<TopicImage> find(UUID id) {
        return Optional.ofNullable(byId.get(id));
    }

    public Optional<TopicImage> find(String name) {
        return Optional.ofNullable(names.get(name)).map(byId::get);
    }

    public Optional<PartitionImage> find(UUID topicId, int partition) {
        return find(topicId).flatMap(t -> t.partition(partition));
    }

    public Optional<PartitionImage> find(ReplicaId replica) {
        return find(replica.topicId(), replica.partition());
    }

    /** In order of their ids. */
    public Collection<TopicImage> all() {
        return byId.values();
    }

    TopicsImage plus(TopicImage topic) {
        var nextNames = byId.containsKey(topic.id()) && names.containsKey(topic.name())
                ? names // a name never changes
                : names.plus(topic.name(), topic.id());
        return new TopicsImage(byId.plus(topic.id(), topic), nextNames);
    }

    TopicsImage minus(UUID id) {
        var topic = byId.get(id);
        return topic == null ? this : new TopicsImage(byId.minus(id), names.minus(topic.name()));
    }
}
