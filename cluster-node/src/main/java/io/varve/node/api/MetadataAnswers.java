// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.TopicImage;
import io.varve.metadata.topic.TopicConfigs;
import io.varve.proto.Uuids;
import io.varve.proto.v1.ClusterMetadata;
import io.varve.proto.v1.NodeMetadata;
import io.varve.proto.v1.PartitionMetadata;
import io.varve.proto.v1.TopicMetadata;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;

/** Images as answers, seen from one listener. <i>Immutable.</i> */
final class MetadataAnswers {

    private final String clusterId;

    MetadataAnswers(UUID clusterId) {
        this.clusterId = Uuids.toText(clusterId);
    }

    /** @param listener whose addresses the answer names; a node without such a listener is left out */
    ClusterMetadata answer(MetadataImage image, String listener, List<String> names, boolean allTopics) {
        var answer = ClusterMetadata.newBuilder()
                .setClusterId(clusterId)
                .setControllerId(image.controller().nodeId())
                .setMetadataIndex(image.index());
        for (BrokerImage broker : image.brokers().values()) {
            broker.endpoint(listener)
                    .ifPresent(endpoint -> answer.addNodes(NodeMetadata.newBuilder()
                            .setId(broker.id())
                            .setHost(endpoint.host())
                            .setPort(endpoint.port())
                            .setRack(broker.rack())
                            .setFenced(broker.fenced())));
        }
        if (allTopics) {
            image.topics().all().stream()
                    .sorted(Comparator.comparing(TopicImage::name))
                    .forEach(topic -> answer.addTopics(topic(topic)));
        } else {
            names.stream()
                    .distinct()
                    .forEach(name -> answer.addTopics(image.topic(name)
                            .map(MetadataAnswers::topic)
                            .orElseGet(() -> TopicMetadata.newBuilder()
                                    .setName(name)
                                    .setError(TopicDescriptions.unknownTopic(name))
                                    .build())));
        }
        return answer.build();
    }

    String clusterId() {
        return clusterId;
    }

    private static TopicMetadata topic(TopicImage topic) {
        var answer = TopicMetadata.newBuilder()
                .setName(topic.name())
                .setTopicId(Uuids.toBytes(topic.id()))
                .setMaxMessageBytes((int) TopicConfigs.number(topic, TopicConfigs.MAX_MESSAGE_BYTES));
        topic.partitions()
                .forEach(p -> answer.addPartitions(PartitionMetadata.newBuilder()
                        .setPartition(p.partition())
                        .setLeader(p.leader())
                        .setLeaderEpoch(p.leaderEpoch())
                        .addAllReplicas(p.replicas())
                        .addAllIsr(p.isr())));
        return answer.build();
    }
}
