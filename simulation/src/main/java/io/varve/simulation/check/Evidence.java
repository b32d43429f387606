// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.metadata.image.MetadataImage;
import io.varve.storage.LogId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Everything that the invariants share. */
final class Evidence {
    final ClusterView cluster;
    final Ledger ledger = new Ledger();
    private final Map<LogId, PartitionTruth> partitions = new LinkedHashMap<>();
    private final List<Violation> violations = new ArrayList<>();

    Evidence(ClusterView cluster) {
        this.cluster = cluster;
    }

    PartitionTruth partition(LogId id) {
        return partitions.computeIfAbsent(id, PartitionTruth::new);
    }

    /** All that were ever heard of, in that order. */
    Collection<PartitionTruth> partitions() {
        return partitions.values();
    }

    ReplicaMirror replica(int node, LogId id) {
        return partition(id).replica(node);
    }

    /** Of a sound replica of a running node; else null. */
    @Nullable
    ReplicaView sound(ReplicaMirror replica) {
        ReplicaView view = cluster.replica(replica.node, replica.id());
        return view != null && view.isSound() ? view : null;
    }

    /** Whether the node's process is the one that the metadata has registered. */
    boolean isCurrent(int node) {
        MetadataImage image = cluster.committed();
        long epoch = cluster.brokerEpoch(node);
        return epoch >= 0 && image.broker(node).map(b -> b.epoch() == epoch).orElse(false);
    }

    void report(String invariant, @Nullable LogId id, String text) {
        violations.add(new Violation(invariant, id, Objects.requireNonNull(text)));
    }

    List<Violation> violations() {
        return violations;
    }
}
