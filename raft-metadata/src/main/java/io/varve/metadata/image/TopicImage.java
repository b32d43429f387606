// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;
import org.pcollections.PSortedMap;
import org.pcollections.PVector;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/**
 * One topic with its partitions, which are dense from 0. *Immutable.*
 *
 * @param configs only those that were set
 */
public record TopicImage(
        UUID id,
        String name,
        SortedMap<String, String> configs,
        Durability durability,
        PVector<PartitionImage> partitions) {

    public TopicImage {
        // Already immutable when a partition changed, which is the common case.
        configs = configs instanceof PSortedMap<String, String> ? configs : TreePMap.from(configs);
    }

    public static TopicImage of(UUID id, String name, SortedMap<String, String> configs, Durability durability) {
        return new TopicImage(id, name, configs, durability, TreePVector.empty());
    }

    public Optional<PartitionImage> partition(int number) {
        return number >= 0 && number < partitions.size() ? Optional.of(partitions.get(number)) : Optional.empty();
    }

    /** Of the first partition. */
    public int replicationFactor() {
        return partitions.isEmpty() ? 0 : partitions.get(0).replicas().size();
    }

    /** Whether the topic is the cluster's own. */
    public boolean internal() {
        return name.startsWith("__");
    }

    TopicImage describedBy(MetadataRecord.TopicRecord r) {
        return new TopicImage(id, r.name(), r.configs(), r.durability(), partitions);
    }

    TopicImage plus(PartitionImage p) {
        if (p.partition() > partitions.size()) {
            throw new IllegalArgumentException(
                    "topic " + name + ": partition " + p.partition() + " cannot follow the first " + partitions.size());
        }
        var next = p.partition() == partitions.size() ? partitions.plus(p) : partitions.with(p.partition(), p);
        return new TopicImage(id, name, configs, durability, next);
    }
}
