// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.ControllerImage;
import io.varve.metadata.image.Durability;
import io.varve.metadata.image.Endpoint;
import io.varve.metadata.image.FeatureRange;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.MetadataRecord.BrokerRecord;
import io.varve.metadata.image.MetadataRecord.ControllerRecord;
import io.varve.metadata.image.MetadataRecord.PartitionRecord;
import io.varve.metadata.image.MetadataRecord.TopicRecord;
import io.varve.metadata.image.PartitionImage;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;

/** Builds images. Confined to one thread. */
final class TestImage {

    private MetadataImage image =
            MetadataImage.EMPTY.at(10, 1).plus(new ControllerRecord(new ControllerImage(1, new UUID(0, 1), 1)));

    static UUID topicId(String name) {
        return UUID.nameUUIDFromBytes(name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    TestImage node(int id, boolean fenced) {
        image = image.plus(new BrokerRecord(new BrokerImage(
                id,
                100 + id,
                new BrokerImage.Identity(new UUID(1, id), new UUID(2, id)),
                List.of(new Endpoint("public", "host-" + id, 7000 + id)),
                "",
                FeatureRange.SUPPORTED,
                new BrokerImage.Liveness(fenced, false, 100 + id),
                List.of())));
        return this;
    }

    TestImage nodes(int... alive) {
        for (int id : alive) {
            node(id, false);
        }
        return this;
    }

    TestImage topic(String name) {
        image = image.plus(new TopicRecord(topicId(name), name, new TreeMap<>(), Durability.FLUSHED));
        return this;
    }

    /** The next partition of the topic, in epoch 3; min.insync.replicas is 2. */
    TestImage partition(String topic, int leader, List<Integer> replicas, List<Integer> isr) {
        int number = image.topic(topic).orElseThrow().partitions().size();
        image = image.plus(new PartitionRecord(
                topicId(topic),
                new PartitionImage(
                        number,
                        new PartitionImage.Assignment(
                                replicas,
                                replicas.stream().map(id -> new UUID(1, id)).toList()),
                        new PartitionImage.InSync(isr, List.of(), List.of()),
                        new PartitionImage.Leadership(leader, 3),
                        7,
                        2,
                        Durability.FLUSHED,
                        0)));
        return this;
    }

    MetadataImage get() {
        return image;
    }
}
