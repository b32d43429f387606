// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import io.varve.simulation.engine.Network.Latency;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes the faults of a plan happen, ends them, and heals everything when the plan says so. Does itself what concerns the network, clocks, pauses and the
 * controllers' log; asks {@link FaultTarget} for the rest. Starts every node again whose process ended, whatever ended it.
 */
public final class FaultDriver {
    private static final long MILLI = 1_000_000;
    private static final long FLICKER_DISK_NANOS = 3_000 * MILLI;
    private static final long FLICKER_BYTES = 3_000; // in a second
    private static final long FLICKER_NANOS = 60 * MILLI;
    private static final long FLICKER_HOLD_NANOS = 150 * MILLI;
    private static final long ROLL_NANOS = 2_000 * MILLI;
    private static final long ROLL_TIMEOUT_NANOS = 20_000 * MILLI;

    private final Scheduler scheduler;
    private final FaultPlan plan;
    private final SimRandom random;
    private final Network network;
    private final IdealLog log;
    private final Map<Integer, NodeProcess> processes;
    private final FaultTarget target;
    private final NodeFaults nodes;
    private final Map<FaultClass, Integer> happened = new EnumMap<>(FaultClass.class);
    private final List<Fault> active = new ArrayList<>();
    private final Map<Integer, Long> downUntil = new TreeMap<>();
    private final Map<Integer, Long> downFor = new TreeMap<>(); // of nodes that are shutting down
    private boolean healed;

    /** @param processes of all nodes, not of clients; before any of them starts */
    public FaultDriver(
            Scheduler scheduler,
            FaultPlan plan,
            Network network,
            IdealLog log,
            Map<Integer, NodeProcess> processes,
            FaultTarget target) {
        this.scheduler = scheduler;
        this.plan = plan;
        this.random = new SimRandom(plan.seed()).stream("faults");
        this.network = network;
        this.log = log;
        this.processes = new TreeMap<>(processes);
        this.target = target;
        this.nodes = new NodeFaults(scheduler, this.processes, target);
        this.processes.values().forEach(process -> process.addEndListener(powerLost -> ended(process.node())));
    }

    /** Schedules the whole plan, and the healing. Once, at the beginning. */
    public void begin() {
        for (Fault fault : plan.faults()) {
            scheduler.at(fault.atNanos(), 0, "fault " + fault.what(), fault, () -> begin(fault));
            if (fault.what() == FaultClass.OLD_DISK) {
                rememberDisk(fault, fault.amount() * MILLI);
            } else if (fault.what() == FaultClass.POWER_FLICKER) {
                rememberDisk(fault, FLICKER_DISK_NANOS);
            }
        }
        scheduler.at(plan.shape().faultsEndNanos(), "heal", this::heal);
    }

    private void rememberDisk(Fault fault, long nanosBefore) {
        long at = Math.max(0, fault.atNanos() - nanosBefore);
        scheduler.at(at, fault.node(), "remember disk", fault, () -> target.rememberDisk(fault.node()));
    }

    /** How often each class has happened; a fault that found nothing to break is not counted. */
    public Map<FaultClass, Integer> happened() {
        return happened;
    }

    private void begin(Fault fault) {
        if (healed || !happens(fault)) {
            return;
        }
        happened.merge(fault.what(), 1, Integer::sum);
        if (fault.durationNanos() > 0) {
            active.add(fault);
            scheduler.at(fault.endNanos(), 0, "end of " + fault.what(), fault, () -> {
                if (active.remove(fault)) {
                    end(fault);
                }
            });
        }
    }

    /** Everything that a fault broke works again, and every node runs. */
    private void heal() {
        healed = true;
        List<Fault> all = List.copyOf(active);
        active.clear();
        all.forEach(this::end);
        network.healAll();
        log.setAmbiguity(0, 0);
        processes.values().forEach(process -> {
            nodes.heal(process);
            downUntil.remove(process.node());
            if (!process.alive()) {
                startLater(process.node(), scheduler.now() + MILLI);
            }
        });
    }

    // ---- processes that end

    private void ended(int node) {
        Long rest = downFor.remove(node);
        long planned = downUntil.getOrDefault(node, 0L);
        long at = rest != null ? scheduler.now() + rest : planned;
        if (at <= scheduler.now()) {
            at = scheduler.now() + random.logUniform(50 * MILLI, 3_000 * MILLI); // it ended by itself
        }
        startLater(node, healed ? Math.min(at, scheduler.now() + 500 * MILLI) : at);
    }

    private void startLater(int node, long at) {
        scheduler.at(at, node, "start node", null, () -> {
            if (process(node).alive()) {
                return;
            }
            if (downUntil.getOrDefault(node, 0L) > scheduler.now()) {
                startLater(node, downUntil.getOrDefault(node, 0L));
                return;
            }
            target.start(node);
        });
    }

    private boolean kill(Fault fault, boolean powerLost) {
        boolean any = false;
        for (int node : fault.nodes()) {
            any |= process(node).alive() || powerLost;
            keepDown(node, fault.endNanos());
            target.kill(node, powerLost);
        }
        return any;
    }

    private void keepDown(int node, long until) {
        downUntil.merge(node, until, Math::max);
    }

    // ---- what happens

    private boolean happens(Fault fault) {
        switch (fault.what()) {
            case CRASH:
                return kill(fault, false);
            case POWER_LOSS:
                return kill(fault, true);
            case CRASH_IN_IO:
                target.killInIo(fault.node(), (int) fault.amount(), fault.amount() % 2 == 1);
                return process(fault.node()).alive();
            case DISK_SWAP:
            case OLD_DISK:
                return loseDisk(fault);
            case BIT_ROT:
                return target.rot(fault.node(), fault.amount());
            case PARTITION:
            case ONE_WAY:
                links(fault, true);
                return true;
            case HALF_OPEN:
            case LIMBO:
            case STREAM_BREAK:
                return breakStreams(fault);
            case LATE_LIMBO:
                return holdTheNext(fault);
            case POWER_FLICKER:
                return flicker(fault);
            case SLOW_LINK:
                network.slow(fault.node(), fault.nodes().get(1), fault.amount(), new Latency(MILLI, 20 * MILLI));
                return true;
            case CONTROLLER_FAILOVER:
                log.failover();
                return true;
            case AMBIGUOUS_COMMANDS:
                log.setAmbiguity(fault.amount() / 1000.0, fault.amount() / 1000.0);
                return true;
            case METADATA_SNAPSHOTS:
                log.setSnapshots(fault.amount() / 1000.0);
                return true;
            case DELAYED_METADATA:
                delayMetadata(fault, fault.amount() * MILLI);
                return true;
            case ROLLING_RESTART:
                roll(fault, 0);
                return true;
            case CONTROLLED_RESTART:
                return shutDown(fault.node(), fault.durationNanos());
            case TOPIC_CREATE:
            case TOPIC_DELETE:
            case TOPIC_RECREATE:
            case PARTITION_ADD:
            case MIN_ISR:
            case PREFERRED_ELECTION:
            case OPERATOR:
                target.administer(fault);
                return true;
            default:
                return nodes.begin(fault);
        }
    }

    private void end(Fault fault) {
        switch (fault.what()) {
            case PARTITION:
            case ONE_WAY:
                links(fault, false);
                break;
            case SLOW_LINK:
                network.endSlow(fault.node(), fault.nodes().get(1));
                break;
            case AMBIGUOUS_COMMANDS:
                log.setAmbiguity(0, 0);
                break;
            case METADATA_SNAPSHOTS:
                log.setSnapshots(0.02);
                break;
            case DELAYED_METADATA:
                delayMetadata(fault, 0);
                break;
            case TOPIC_RECREATE:
            case MIN_ISR:
                target.administerEnd(fault);
                break;
            default:
                nodes.end(fault);
        }
    }

    private boolean flicker(Fault fault) {
        if (!process(fault.node()).alive()) {
            return false;
        }
        losePowerBriefly(fault.node());
        long again = fault.amount() * MILLI;
        scheduler.after(Math.min(FLICKER_HOLD_NANOS, again), "requests are held", () -> holdRequests(fault));
        scheduler.after(again, "power lost again", () -> {
            if (!healed) {
                boolean older = fault.amount() % 2 == 0 && target.mayLoseDisk(fault.node());
                losePowerBriefly(fault.node());
                if (older) {
                    target.restoreDisk(fault.node());
                }
                slowWays(fault);
            }
        });
        return true;
    }

    /** What all others send to the node: it is back in the metadata long before it has everything again. */
    private void slowWays(Fault fault) {
        for (int other : processes.keySet()) {
            if (other != fault.node()) {
                network.slow(other, fault.node(), FLICKER_BYTES, new Latency(MILLI, 5 * MILLI));
                scheduler.after(fault.durationNanos(), "no longer slow", () -> network.endSlow(other, fault.node()));
            }
        }
    }

    private void losePowerBriefly(int node) {
        keepDown(node, scheduler.now() + FLICKER_NANOS);
        target.kill(node, true);
    }

    /** What all others ask of the voters, not what the voters answer. */
    private void holdRequests(Fault fault) {
        for (int from : processes.keySet()) {
            for (int voter = 1; voter <= plan.shape().voters() && from != fault.node() && !healed; voter++) {
                for (NetStream stream : network.streams(from, voter)) {
                    if (stream.kind() == StreamKind.CONTROLLER) {
                        network.hold(stream, false, fault.durationNanos());
                    }
                }
            }
        }
    }

    private boolean loseDisk(Fault fault) {
        int node = fault.node();
        if (!target.mayLoseDisk(node)) {
            return false;
        }
        keepDown(node, fault.endNanos());
        target.kill(node, true);
        if (fault.what() == FaultClass.OLD_DISK) {
            return target.restoreDisk(node);
        }
        target.emptyDisk(node);
        return true;
    }

    private void delayMetadata(Fault fault, long nanos) {
        for (int node : fault.nodes()) {
            if (node <= plan.shape().voters()) {
                log.slowApply(node, nanos);
            }
            target.delayMetadata(node, nanos);
        }
    }

    // ---- the network

    private void links(Fault fault, boolean cut) {
        boolean both = fault.what() == FaultClass.PARTITION;
        List<Integer> others = new ArrayList<>(processes.keySet());
        others.removeAll(fault.nodes());
        if (both && fault.amount() == 1) {
            others.addAll(target.clients());
        }
        for (int inside : fault.nodes()) {
            for (int outside : others) {
                if (both || fault.amount() == 0) {
                    link(inside, outside, cut);
                }
                if (both || fault.amount() == 1) {
                    link(outside, inside, cut);
                }
            }
        }
    }

    private void link(int from, int to, boolean cut) {
        if (cut) {
            network.block(from, to);
        } else {
            network.unblock(from, to);
        }
    }

    private boolean breakStreams(Fault fault) {
        // By the fault's own time: without another fault, this one still breaks the same.
        SimRandom chance = random.stream("streams", (int) (fault.atNanos() / 1000));
        List<NetStream> streams = network.streams(fault.node(), fault.nodes().get(1));
        NetStream sure = streams.isEmpty() ? null : chance.pick(streams);
        for (NetStream stream : streams) {
            if (stream != sure && chance.chance(0.4)) {
                continue;
            }
            if (fault.what() == FaultClass.LIMBO) {
                network.hold(stream, fault.amount() == 0, fault.durationNanos());
            } else if (fault.what() == FaultClass.STREAM_BREAK) {
                network.breakStream(stream, Network.Break.BOTH, 0);
            } else {
                network.breakStream(
                        stream,
                        fault.amount() == 0 ? Network.Break.HALF_OPEN_HIGH : Network.Break.HALF_OPEN_LOW,
                        fault.durationNanos());
            }
        }
        return !streams.isEmpty();
    }

    private boolean holdTheNext(Fault fault) {
        int from = fault.node();
        int to = fault.nodes().get(1);
        List<NetStream> streams = network.streams(from, to);
        boolean answers = fault.amount() % 2 == 1;
        network.holdNext(from, to, answers, (int) fault.amount() / 2, fault.durationNanos());
        streams.forEach(stream -> network.breakStream(stream, Network.Break.BOTH, 0));
        return !streams.isEmpty();
    }

    // ---- restarts in order

    private boolean shutDown(int node, long restNanos) {
        if (!process(node).alive()) {
            return false;
        }
        downFor.put(node, restNanos);
        target.shutDown(node);
        return true;
    }

    private void roll(Fault fault, int next) {
        if (healed || next == fault.nodes().size()) {
            return;
        }
        int node = fault.nodes().get(next);
        long before = process(node).incarnation();
        shutDown(node, fault.durationNanos());
        awaitRolled(fault, next, before, scheduler.now() + ROLL_TIMEOUT_NANOS);
    }

    private void awaitRolled(Fault fault, int next, long before, long until) {
        scheduler.after(ROLL_NANOS, "rolling restart", () -> {
            NodeProcess process = process(fault.nodes().get(next));
            if ((process.alive() && process.incarnation() > before) || scheduler.now() >= until) {
                roll(fault, next + 1);
            } else if (!healed) {
                awaitRolled(fault, next, before, until);
            }
        });
    }

    private NodeProcess process(int node) {
        NodeProcess process = processes.get(node);
        if (process == null) {
            throw new IllegalArgumentException("the plan names node " + node + ", which there is not");
        }
        return process;
    }
}
