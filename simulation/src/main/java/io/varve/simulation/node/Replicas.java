// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.storage.LogId;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The open replicas of a process. */
final class Replicas {
    private final Map<LogId, HostedReplica> byId = new LinkedHashMap<>();

    @Nullable
    HostedReplica find(LogId id) {
        return byId.get(id);
    }

    void add(HostedReplica replica) {
        byId.put(replica.id(), replica);
    }

    @Nullable
    HostedReplica remove(LogId id) {
        return byId.remove(id);
    }

    /** By age. */
    Collection<HostedReplica> all() {
        return byId.values();
    }
}
