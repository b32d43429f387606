// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.TopicImage;
import io.varve.metadata.machine.MachineRules;
import io.varve.metadata.machine.MetadataMachine;
import io.varve.replication.protocol.Rules;
import io.varve.simulation.check.Checker;
import io.varve.simulation.check.ReplicaView;
import io.varve.simulation.client.ClientHost;
import io.varve.simulation.client.OperatorView;
import io.varve.simulation.engine.Fault;
import io.varve.simulation.engine.FaultDriver;
import io.varve.simulation.engine.FaultPlan;
import io.varve.simulation.engine.FaultTarget;
import io.varve.simulation.engine.IdealLog;
import io.varve.simulation.engine.Network;
import io.varve.simulation.engine.NodeClock;
import io.varve.simulation.engine.NodeProcess;
import io.varve.simulation.engine.Scheduler;
import io.varve.simulation.engine.SimRandom;
import io.varve.simulation.engine.Trace;
import io.varve.simulation.run.SeedResult;
import io.varve.storage.EpochEntry;
import io.varve.storage.LogId;
import io.varve.storage.testkit.SimFs.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The whole simulated cluster, its network and its clients' machines, from one seed. */
public final class World implements FaultTarget {
    private static final int FIRST_CLIENT = 101;
    private static final long START_MILLIS = 1_700_000_000_000L;

    private final FaultPlan plan;
    private final Scheduler scheduler;
    private final SimRandom random;
    private final Network network;
    private final IdealLog log;
    private final Views views;
    private final Checker checker;
    private final Map<Integer, SimHost> hosts = new TreeMap<>();
    private final List<Integer> clients = new ArrayList<>();
    private final FaultDriver faults;
    private Administration administration = new Administration() {};

    /** What an administrator does when the plan says so. */
    public interface Administration {
        default void begin(Fault fault) {}

        default void end(Fault fault) {}

        /** Whether the minimum of this topic may become another one at any moment. */
        default boolean mayChangeMinimum(UUID topicId) {
            return false;
        }
    }

    public World(FaultPlan plan, Rules rules, MachineRules machineRules, Trace trace) {
        this.plan = plan;
        this.random = new SimRandom(plan.seed());
        this.scheduler = new Scheduler(random, trace);
        this.network = new Network(scheduler, random, new WireTransfer(), Network.Latency.LOCAL);
        this.log = new IdealLog(
                scheduler, random, new MetadataMachine(machineRules), (from, to) -> !network.isBlocked(from, to));
        this.views = new Views(hosts, log);
        this.checker = new Checker(views);
        log.onCommit(checker::committed);
        List<Integer> nodes =
                IntStream.rangeClosed(1, plan.shape().nodes()).boxed().toList();
        List<Integer> voters = nodes.subList(0, plan.shape().voters());
        NodeWorld shared = new NodeWorld(
                scheduler,
                network,
                log,
                random,
                checker,
                rules,
                machineRules,
                new NodeWorld.Cluster(new UUID(random.nextLong(), random.nextLong()), nodes, voters));
        Map<Integer, NodeProcess> processes = new TreeMap<>();
        for (int node : nodes) {
            NodeProcess process = machine(node);
            processes.put(node, process);
            if (voters.contains(node)) {
                log.addVoter(process);
            }
            hosts.put(node, new SimHost(node, shared, process));
        }
        this.faults = new FaultDriver(scheduler, plan, network, log, processes, this);
    }

    private NodeProcess machine(int node) {
        NodeClock clock = new NodeClock(scheduler, random.nextLong() >>> 2, START_MILLIS);
        NodeProcess process = new NodeProcess(node, scheduler, clock);
        network.addHost(process);
        return process;
    }

    /** One more machine, for clients. */
    public ClientHost newClient() {
        int node = FIRST_CLIENT + clients.size();
        clients.add(node);
        NodeProcess process = machine(node);
        process.start();
        return new ClientMachine(process, network, random.stream("client", node));
    }

    public void administration(Administration by) {
        administration = by;
    }

    /** Every node starts, and the plan begins. */
    public void begin() {
        hosts.values().forEach(host -> scheduler.after(random.nextLong(300_000_000L), "boot", host::boot));
        faults.begin();
    }

    /** Ends every process, and gives back what they hold. */
    public void end() {
        for (SimHost host : hosts.values()) {
            host.crash(false);
        }
        network.loseAll();
    }

    /** What administrators can find out. */
    OperatorView operatorView() {
        return new OperatorView() {
            @Override
            public MetadataImage committed() {
                return log.committed();
            }

            @Override
            public @Nullable Standing standing(int node, LogId id) {
                ReplicaView replica = views.replica(node, id);
                if (replica == null || !replica.isSound()) {
                    return null;
                }
                int lastEpoch = 0;
                for (EpochEntry entry : replica.epochChain()) {
                    if (entry.startOffset() < replica.writtenEndOffset()) {
                        lastEpoch = entry.leaderEpoch();
                    }
                }
                return new Standing(lastEpoch, replica.writtenEndOffset());
            }
        };
    }

    /** How often a log was cut because it had diverged. */
    long truncations() {
        return hosts.values().stream().mapToLong(SimHost::truncations).sum();
    }

    /** How often somebody was told to wait. */
    SeedResult.Pressure pressure() {
        return new SeedResult.Pressure(
                hosts.values().stream().mapToLong(SimHost::pressed).sum(),
                hosts.values().stream().mapToLong(SimHost::busy).sum());
    }

    public Scheduler scheduler() {
        return scheduler;
    }

    public SimRandom random() {
        return random;
    }

    public Network network() {
        return network;
    }

    public IdealLog log() {
        return log;
    }

    public Checker checker() {
        return checker;
    }

    public FaultDriver faults() {
        return faults;
    }

    public FaultPlan plan() {
        return plan;
    }

    private SimHost host(int node) {
        SimHost host = hosts.get(node);
        if (host == null) {
            throw new IllegalArgumentException("no node " + node);
        }
        return host;
    }

    // ---- faults

    @Override
    public void kill(int node, boolean powerLost) {
        host(node).crash(powerLost);
    }

    @Override
    public void start(int node) {
        host(node).boot();
    }

    @Override
    public void killInIo(int node, int operations, boolean powerLost) {
        if (host(node).running() != null) {
            host(node).disk().crashAfter(operations, powerLost);
        }
    }

    @Override
    public void slowDisk(int node, long nanos) {
        host(node).pace().slow(nanos);
    }

    @Override
    public void stallFlushes(int node, boolean stall) {
        host(node).pace().stallFlushes(stall);
    }

    @Override
    public void failIo(int node, int operations) {
        Operation what = host(node).random().pick(List.of(Operation.WRITE, Operation.FORCE, Operation.READ));
        host(node).disk().failAfter(what, operations);
        host(node).noteIoFault();
    }

    @Override
    public void fillDisk(int node, boolean full) {
        host(node).disk().setCapacityBytes(full ? 0 : Long.MAX_VALUE);
        host(node).noteIoFault();
    }

    /** The promise: with a minimum of two, one member at a time may lose what it has, until it is in sync again. */
    @Override
    public boolean mayLoseDisk(int node) {
        if (anotherRots(node)) {
            return false;
        }
        MetadataImage image = log.committed();
        for (TopicImage topic : image.topics().all()) {
            for (PartitionImage p : topic.partitions()) {
                if (p.replicas().contains(node)
                        && (administration.mayChangeMinimum(topic.id()) || !survives(p, node))) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean anotherRots(int node) {
        return hosts.values().stream().anyMatch(host -> host.nodeId() != node && host.hasRot());
    }

    /** Of one machine in a run: of what two copies have lost, nobody could say any more what the third one must still have. */
    @Override
    public boolean rot(int node, long which) {
        boolean anotherLost = hosts.values().stream().anyMatch(host -> host.nodeId() != node && host.hasLostDisk());
        return !anotherLost && mayLoseDisk(node) && host(node).rot(which);
    }

    private boolean survives(PartitionImage p, int node) {
        boolean held =
                p.isr().stream().anyMatch(n -> n != node) || p.elr().stream().anyMatch(n -> n != node);
        return held && p.effectiveMinIsr() > 1 && !lacksDisk(p, node);
    }

    /** Whether a replica, other than one, lost its disk and is not in sync again. */
    private boolean lacksDisk(PartitionImage p, int except) {
        return p.replicas().stream()
                .filter(node -> node != except)
                .map(this::host)
                .anyMatch(host ->
                        host.hasLostDisk() && (host.hasUnknownDisk() || !p.isr().contains(host.nodeId())));
    }

    /**
     * Whether somebody may change the minimum of a topic now. With the minimum goes the elr (P24): where a member has
     * lost its disk and the others are in the elr only, that would be one loss too many.
     */
    boolean mayChangeMinimum(TopicImage topic) {
        return topic.partitions().stream().noneMatch(p -> lacksDisk(p, 0));
    }

    @Override
    public void emptyDisk(int node) {
        host(node).swapDisk();
    }

    @Override
    public void rememberDisk(int node) {
        host(node).rememberDisk();
    }

    @Override
    public boolean restoreDisk(int node) {
        long registered = log.committed()
                .broker(node)
                .map(b -> b.liveness().lastUnfencedEpoch())
                .orElse(0L);
        if (!host(node).hasImageBefore(registered)) {
            return false;
        }
        host(node).restoreDisk();
        return true;
    }

    @Override
    public void delayMetadata(int node, long nanos) {
        if (node > plan.shape().voters()) {
            host(node).delayMetadata(nanos);
        }
    }

    @Override
    public void shutDown(int node) {
        RunningNode running = host(node).running();
        if (running != null) {
            running.shutDown();
        }
    }

    @Override
    public void administer(Fault fault) {
        administration.begin(fault);
    }

    @Override
    public void administerEnd(Fault fault) {
        administration.end(fault);
    }

    @Override
    public List<Integer> clients() {
        return clients;
    }
}
