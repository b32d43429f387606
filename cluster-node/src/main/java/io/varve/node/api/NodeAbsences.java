// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Since when this node has seen others fenced: the metadata has no times. <i>Thread-safe.</i> */
public final class NodeAbsences {

    private final Supplier<MetadataImage> image;
    private final LongSupplier nanoClock;
    private final Map<Integer, Long> sinceNanos = new ConcurrentHashMap<>();

    NodeAbsences(Supplier<MetadataImage> image, LongSupplier nanoClock) {
        this.image = image;
        this.nanoClock = nanoClock;
    }

    /** Something may have changed. Cheap, never blocks. */
    public void imageChanged() {
        for (BrokerImage broker : image.get().brokers().values()) {
            if (broker.fenced()) {
                sinceNanos.putIfAbsent(broker.id(), nanoClock.getAsLong());
            } else {
                sinceNanos.remove(broker.id());
            }
        }
    }

    /** How long; empty for a node that takes part. */
    Optional<Duration> of(int nodeId) {
        return Optional.ofNullable(sinceNanos.get(nodeId))
                .map(since -> Duration.ofNanos(nanoClock.getAsLong() - since));
    }
}
