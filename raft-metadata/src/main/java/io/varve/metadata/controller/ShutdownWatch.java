// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import java.util.LinkedHashMap;
import java.util.Map;

/** When a node that wants to stop may do so (P42). *Confined to the controller's loop.* */
final class ShutdownWatch {

    private final Map<BrokerRef, Long> applied = new LinkedHashMap<>();
    // From which index on a node leads nothing more that another could lead.
    private final Map<BrokerRef, Long> handedOver = new LinkedHashMap<>();

    void clear() {
        applied.clear();
        handedOver.clear();
    }

    void retain(MetadataImage image) {
        applied.keySet().removeIf(ref -> !isCurrent(image, ref));
        handedOver.keySet().removeIf(ref -> !isCurrent(image, ref));
    }

    private static boolean isCurrent(MetadataImage image, BrokerRef ref) {
        return image.broker(ref.nodeId())
                .map(b -> b.epoch() == ref.brokerEpoch())
                .orElse(false);
    }

    /** A node has applied the metadata up to this index. */
    void reported(BrokerRef broker, long appliedIndex) {
        applied.merge(broker, appliedIndex, Math::max);
    }

    /** Whether it leads nothing that another could lead, and all live nodes know. */
    boolean mayStop(MetadataImage image, BrokerRef broker) {
        if (leadsWhatAnotherCould(image, broker.nodeId())) {
            handedOver.remove(broker);
            return false;
        }
        Long since = handedOver.putIfAbsent(broker, image.index());
        long index = since == null ? image.index() : since;
        return image.brokers().values().stream()
                .filter(b -> !b.fenced())
                .allMatch(b -> applied.getOrDefault(ref(b), 0L) >= index);
    }

    private static boolean leadsWhatAnotherCould(MetadataImage image, int node) {
        for (var topic : image.topics().all()) {
            for (var p : topic.partitions()) {
                if (p.leader() == node && anotherCould(image, p, node)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Also one that is not in sync yet: it may catch up while there is time. */
    private static boolean anotherCould(MetadataImage image, PartitionImage p, int node) {
        for (int other : p.replicas()) {
            if (other != node && image.isEligible(other)) {
                return true;
            }
        }
        return false;
    }

    private static BrokerRef ref(BrokerImage b) {
        return new BrokerRef(b.id(), b.epoch());
    }
}
