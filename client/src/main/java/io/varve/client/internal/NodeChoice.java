// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Which node to ask next, when any will do: the known nodes and the bootstrap addresses, from a place of this client's own
 * so that clients spread; those that failed lately come last. <i>Thread-safe.</i>
 */
final class NodeChoice {
    private static final long GRUDGE_NANOS = 3_000_000_000L;

    private final List<NodeAddress> bootstrap;
    private final Routes routes;
    private final Map<NodeAddress, Long> failedAt = new ConcurrentHashMap<>();
    private final int place = ThreadLocalRandom.current().nextInt(1 << 20);

    /** Whose signs of life are heard; null for nobody's. */
    private volatile @Nullable NodeAddress heard;

    NodeChoice(List<NodeAddress> bootstrap, Routes routes) {
        this.bootstrap = bootstrap;
        this.routes = routes;
    }

    /** All of them, the best first; at least one. */
    List<NodeAddress> inOrder() {
        List<NodeAddress> known = routes.addresses();
        Set<NodeAddress> all = new LinkedHashSet<>();
        if (known.isEmpty()) {
            // Nothing is known yet: as the user wrote them.
            all.addAll(bootstrap);
        } else {
            for (int i = 0; i < known.size(); i++) {
                all.add(known.get((int) ((place + (long) i) % known.size())));
            }
            all.addAll(bootstrap);
        }
        NodeAddress alive = heard;
        if (alive != null && all.remove(alive)) {
            Set<NodeAddress> others = all;
            all = new LinkedHashSet<>();
            all.add(alive);
            all.addAll(others);
        }
        long now = System.nanoTime();
        List<NodeAddress> good = new ArrayList<>();
        List<NodeAddress> bad = new ArrayList<>();
        for (NodeAddress address : all) {
            Long failed = failedAt.get(address);
            (failed == null || now - failed > GRUDGE_NANOS ? good : bad).add(address);
        }
        good.addAll(bad);
        return good;
    }

    /** This one is followed, and seen to be alive: it is asked first. */
    void heard(NodeAddress address) {
        heard = address;
        failedAt.remove(address);
    }

    void failed(NodeAddress address) {
        if (address.equals(heard)) {
            heard = null;
        }
        failedAt.put(address, System.nanoTime());
    }

    void answered(NodeAddress address) {
        failedAt.remove(address);
    }
}
