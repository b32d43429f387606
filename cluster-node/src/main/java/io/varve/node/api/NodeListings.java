// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.TopicImage;
import io.varve.proto.Uuids;
import io.varve.proto.v1.ListNodesResponse;
import io.varve.proto.v1.NodeDisk;
import io.varve.proto.v1.NodeListing;
import io.varve.proto.v1.NodeStatus;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The nodes of an image as answers. Stateless. */
final class NodeListings {

    private NodeListings() {}

    /**
     * @param listener whose addresses the answer names
     * @param voters node ids with a vote in the metadata quorum
     * @param disks of those nodes that told
     */
    static ListNodesResponse list(
            MetadataImage image, String listener, Set<Integer> voters, Map<Integer, NodeDisk> disks) {
        Map<Integer, NodeListing.Builder> nodes = new TreeMap<>();
        image.brokers().values().forEach(broker -> nodes.put(broker.id(), describe(broker, listener, voters)));
        disks.forEach((id, disk) -> nodes.computeIfPresent(id, (same, node) -> node.setDisk(disk)));
        for (TopicImage topic : image.topics().all()) {
            topic.partitions().forEach(partition -> count(partition, nodes));
        }
        var answer = ListNodesResponse.newBuilder()
                .setControllerId(image.controller().nodeId());
        nodes.values().forEach(answer::addNodes);
        return answer.build();
    }

    static NodeStatus status(BrokerImage broker) {
        if (broker.liveness().directoryOffline()) {
            return NodeStatus.NODE_STATUS_DIRECTORY_OFFLINE;
        }
        if (broker.fenced()) {
            return NodeStatus.NODE_STATUS_FENCED;
        }
        return broker.liveness().shuttingDown() ? NodeStatus.NODE_STATUS_SHUTTING_DOWN : NodeStatus.NODE_STATUS_ALIVE;
    }

    private static NodeListing.Builder describe(BrokerImage broker, String listener, Set<Integer> voters) {
        var node = NodeListing.newBuilder()
                .setId(broker.id())
                .setRack(broker.rack())
                .setStatus(status(broker))
                .setVoter(voters.contains(broker.id()))
                .setBrokerEpoch(broker.epoch())
                .setDirectoryId(Uuids.toText(broker.identity().directoryId()));
        broker.endpoint(listener)
                .ifPresent(endpoint -> node.setHost(endpoint.host()).setPort(endpoint.port()));
        return node;
    }

    private static void count(PartitionImage partition, Map<Integer, NodeListing.Builder> nodes) {
        for (int id : partition.replicas()) {
            NodeListing.Builder node = nodes.get(id);
            if (node == null) {
                continue; // a replica on a node that is not registered any more
            }
            node.setReplicas(node.getReplicas() + 1);
            if (partition.leader() == id) {
                node.setLeaders(node.getLeaders() + 1);
            }
            if (partition.isr().contains(id)) {
                node.setInSyncReplicas(node.getInSyncReplicas() + 1);
            }
        }
    }
}
