// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a local cluster. Immutable.
 *
 * @param clusterId that its nodes are formatted with; null in a directory of an earlier version, whose only node is
 *     formatted
 * @param nodes those that were ever started here and not wiped, by id from 1 on
 */
record LocalState(
        @JsonProperty("clusterId") @Nullable String clusterId,
        @JsonProperty("nodes") List<LocalNode> nodes) {
    private static final int PORTS_BETWEEN_NODES = 100;

    LocalState {
        nodes = List.copyOf(nodes);
    }

    /** A cluster that has not been started: the nth node's ports are those of the first + 100 * (n - 1). */
    static LocalState of(String clusterId, int count, int portBase) {
        List<LocalNode> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            nodes.add(LocalNode.stopped(i + 1, portBase + PORTS_BETWEEN_NODES * i));
        }
        return new LocalState(clusterId, nodes);
    }

    /** A UUID in URL-safe base64, as the node prints it. */
    static String newClusterId() {
        UUID id = UUID.randomUUID();
        byte[] bytes = ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** The last first port that leaves room for so many nodes. */
    static int lastPortBase(int count) {
        return NodeAddresses.LAST_PORT_BASE - PORTS_BETWEEN_NODES * (count - 1);
    }

    LocalState with(LocalNode changed) {
        return new LocalState(
                clusterId,
                nodes.stream()
                        .map(node -> node.id() == changed.id() ? changed : node)
                        .toList());
    }

    /** Nodes that keep the metadata: 1, 3 or 5 of them, the first ones. */
    List<LocalNode> voters() {
        int count = nodes.size() < 3 ? 1 : nodes.size() < 5 ? 3 : 5;
        return nodes.subList(0, Math.min(count, nodes.size()));
    }

    List<LocalNode> dead() {
        return nodes.stream().filter(node -> !node.isAlive()).toList();
    }

    /** Public addresses for clients. */
    String bootstrap() {
        return nodes.stream().map(node -> node.addresses().bootstrap()).collect(Collectors.joining(","));
    }
}
