// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.ReportDamage;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.ReplicaId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the controller must be told of a node's replicas that were found damaged since it registered (P34): again and
 * again until the image says so, under whatever epoch the node is registered by then. *Confined to one loop of its shell.*
 */
public final class DamageReports {

    private static final long AGAIN_NANOS = 1_000_000_000L;

    // What is damaged stays so as long as the process lives: a repeated registration does not say it.
    private final Map<ReplicaId, String> found = new TreeMap<>();
    private boolean due;
    private long saidNanos;

    public void found(ReplicaId replica, String why) {
        if (found.putIfAbsent(replica, why) == null) {
            due = true;
        }
    }

    /**
     * What to submit now, if anything. To be called every now and then.
     *
     * @param self this node's registration, broker epoch 0 for not yet
     * @param image newest that was applied here
     */
    public Optional<ReportDamage> report(BrokerRef self, MetadataImage image, long nowNanos) {
        if (found.isEmpty() || self.brokerEpoch() == 0 || image.index() < self.brokerEpoch()) {
            return Optional.empty();
        }
        found.keySet().removeIf(id -> !isHere(image, id, self.nodeId()));
        var broker = image.broker(self.nodeId()).filter(b -> b.epoch() == self.brokerEpoch());
        var unheard = found.keySet().stream()
                .filter(id -> broker.isPresent() && !broker.get().isDamaged(id))
                .toList();
        if (unheard.isEmpty() || (!due && nowNanos - saidNanos < AGAIN_NANOS)) {
            return Optional.empty();
        }
        due = false;
        saidNanos = nowNanos;
        return Optional.of(new ReportDamage(self, unheard, reason(unheard)));
    }

    private String reason(List<ReplicaId> unheard) {
        return found.getOrDefault(unheard.get(0), "")
                + (unheard.size() == 1 ? "" : "; and " + (unheard.size() - 1) + " more");
    }

    private static boolean isHere(MetadataImage image, ReplicaId replica, int node) {
        return image.topics()
                .find(replica)
                .map(PartitionImage::replicas)
                .orElse(List.of())
                .contains(node);
    }
}
