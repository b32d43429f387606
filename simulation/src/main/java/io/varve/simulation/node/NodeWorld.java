// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.metadata.machine.MachineRules;
import io.varve.replication.protocol.Rules;
import io.varve.simulation.check.WorldEvents;
import io.varve.simulation.engine.IdealLog;
import io.varve.simulation.engine.Network;
import io.varve.simulation.engine.Scheduler;
import io.varve.simulation.engine.SimRandom;
import java.util.List;
import java.util.UUID;

/**
 * What all nodes of a simulated cluster share.
 *
 * @param machineRules of the metadata machine, which the ideal log runs once for all voters
 */
public record NodeWorld(
        Scheduler scheduler,
        Network network,
        IdealLog log,
        SimRandom random,
        WorldEvents events,
        Rules rules,
        MachineRules machineRules,
        Cluster cluster) {
    /** Who is there. */
    public record Cluster(UUID id, List<Integer> nodes, List<Integer> voters) {}

    public UUID clusterId() {
        return cluster.id();
    }

    public List<Integer> nodes() {
        return cluster.nodes();
    }

    public List<Integer> voters() {
        return cluster.voters();
    }
}
