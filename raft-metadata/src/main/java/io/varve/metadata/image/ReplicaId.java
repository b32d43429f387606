// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

import java.util.Comparator;
import java.util.UUID;

/** One partition, by its topic's id. *Immutable.* */
public record ReplicaId(UUID topicId, int partition) implements Comparable<ReplicaId> {

    private static final Comparator<ReplicaId> ORDER =
            Comparator.comparing(ReplicaId::topicId).thenComparingInt(ReplicaId::partition);

    @Override
    public int compareTo(ReplicaId other) {
        return ORDER.compare(this, other);
    }
}
