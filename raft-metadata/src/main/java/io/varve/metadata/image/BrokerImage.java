// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;

/**
 * One node as the data plane knows it. *Immutable.*
 *
 * @param id at least 1
 * @param epoch index of the log entry that registered it; grows with every registration
 * @param rack empty for none
 * @param damaged replicas that its recovery found damaged, or itself since; in order, never in sync and never elected
 */
public record BrokerImage(
        int id,
        long epoch,
        Identity identity,
        List<Endpoint> endpoints,
        String rack,
        FeatureRange features,
        Liveness liveness,
        List<ReplicaId> damaged) {

    public BrokerImage {
        endpoints = List.copyOf(endpoints);
        damaged = damaged.stream().sorted().distinct().toList(); // looked into by halves
    }

    /**
     * Which disk and which process.
     *
     * @param directoryId drawn when the data directory was formatted
     * @param incarnation drawn by each process
     */
    public record Identity(UUID directoryId, UUID incarnation) {}

    /**
     * @param fenced whether it must neither lead nor be in sync
     * @param lastUnfencedEpoch the highest epoch under which it was unfenced, 0 for never; never falls
     * @param directoryOffline whether its directory failed under this registration, which therefore stays fenced
     */
    public record Liveness(boolean fenced, boolean shuttingDown, long lastUnfencedEpoch, boolean directoryOffline) {

        public Liveness(boolean fenced, boolean shuttingDown, long lastUnfencedEpoch) {
            this(fenced, shuttingDown, lastUnfencedEpoch, false);
        }
    }

    public boolean fenced() {
        return liveness.fenced();
    }

    /** Whether it may lead and be in sync. */
    public boolean eligible() {
        return !liveness.fenced() && !liveness.shuttingDown();
    }

    public boolean isDamaged(ReplicaId replica) {
        return Collections.binarySearch(damaged, replica) >= 0;
    }

    public Optional<Endpoint> endpoint(String name) {
        return endpoints.stream().filter(e -> e.name().equals(name)).findFirst();
    }

    public BrokerImage fence() {
        return with(
                new Liveness(true, liveness.shuttingDown(), liveness.lastUnfencedEpoch(), liveness.directoryOffline()));
    }

    public BrokerImage unfence() {
        return with(new Liveness(
                false,
                liveness.shuttingDown(),
                Math.max(epoch, liveness.lastUnfencedEpoch()),
                liveness.directoryOffline()));
    }

    public BrokerImage shutDown() {
        return with(new Liveness(liveness.fenced(), true, liveness.lastUnfencedEpoch(), liveness.directoryOffline()));
    }

    public BrokerImage takeDirectoryOffline() {
        return with(new Liveness(true, liveness.shuttingDown(), liveness.lastUnfencedEpoch(), true));
    }

    /** These are damaged, too. */
    public BrokerImage damaged(Collection<ReplicaId> found) {
        var all = new TreeSet<>(damaged);
        all.addAll(found);
        return new BrokerImage(id, epoch, identity, endpoints, rack, features, liveness, List.copyOf(all));
    }

    /** These begin anew and are damaged no more. */
    public BrokerImage startedAfresh(Collection<ReplicaId> fresh) {
        var rest = damaged.stream().filter(id -> !fresh.contains(id)).toList();
        return new BrokerImage(id, epoch, identity, endpoints, rack, features, liveness, rest);
    }

    private BrokerImage with(Liveness next) {
        return new BrokerImage(id, epoch, identity, endpoints, rack, features, next, damaged);
    }
}
