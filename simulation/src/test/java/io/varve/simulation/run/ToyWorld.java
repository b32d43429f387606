// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.run;

import io.varve.metadata.QuorumListener;
import io.varve.metadata.machine.MetadataMachine;
import io.varve.replication.protocol.Rule;
import io.varve.simulation.engine.Fault;
import io.varve.simulation.engine.FaultClass;
import io.varve.simulation.engine.FaultDriver;
import io.varve.simulation.engine.FaultPlan;
import io.varve.simulation.engine.FaultTarget;
import io.varve.simulation.engine.IdealLog;
import io.varve.simulation.engine.NetStream;
import io.varve.simulation.engine.Network;
import io.varve.simulation.engine.NodeClock;
import io.varve.simulation.engine.NodeProcess;
import io.varve.simulation.engine.Scheduler;
import io.varve.simulation.engine.SimRandom;
import io.varve.simulation.engine.StreamHandler;
import io.varve.simulation.engine.StreamKind;
import io.varve.simulation.engine.Trace;
import io.varve.simulation.engine.Transfer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Nodes that count each other's pulses: just enough of a cluster to try the engine, the runner and the shrinker on. */
final class ToyWorld implements SeedRun {
    private static final long PULSE_NANOS = 500_000_000L;

    @Override
    public SeedResult run(FaultPlan plan, Mutation mutation, Options options) {
        return new Cluster(plan, mutation, options).run();
    }

    private static final class Cluster implements FaultTarget {
        private final FaultPlan plan;
        private final Mutation mutation;
        private final Options options;
        private final Trace trace;
        private final Scheduler scheduler;
        private final Network network;
        private final IdealLog log;
        private final FaultDriver driver;
        private final Map<Integer, NodeProcess> processes = new TreeMap<>();
        private final TreeSet<Integer> crashed = new TreeSet<>();
        private long pulses;
        private SeedResult.@Nullable Failure failure;

        Cluster(FaultPlan plan, Mutation mutation, Options options) {
            this.plan = plan;
            this.mutation = mutation;
            this.options = options;
            SimRandom random = new SimRandom(plan.seed());
            trace = new Trace(options.trace());
            scheduler = new Scheduler(random, trace);
            network = new Network(scheduler, random, Transfer.OF_VALUES, Network.Latency.LOCAL);
            log = new IdealLog(
                    scheduler,
                    random,
                    new MetadataMachine(mutation.machineRules()),
                    (a, b) -> !network.isBlocked(a, b));
            for (int node = 1; node <= plan.shape().nodes(); node++) {
                NodeProcess process =
                        new NodeProcess(node, scheduler, new NodeClock(scheduler, random.nextInt(1000), 0));
                processes.put(node, process);
                network.addHost(process);
                if (node <= plan.shape().voters()) {
                    log.addVoter(process);
                }
            }
            driver = new FaultDriver(scheduler, plan, network, log, processes, this);
        }

        SeedResult run() {
            driver.begin();
            processes.keySet().forEach(this::start);
            while (failure == null
                    && scheduler.nextNanos() <= plan.shape().endNanos()
                    && scheduler.executed() < options.maxEvents()) {
                scheduler.step();
            }
            network.loseAll();
            if (failure == null && scheduler.executed() < options.maxEvents()) {
                finish();
            }
            return new SeedResult(
                    failure,
                    new SeedResult.Stats(
                            scheduler.executed(),
                            scheduler.now(),
                            pulses,
                            log.elections(),
                            0,
                            SeedResult.Pressure.NONE,
                            false,
                            Map.copyOf(driver.happened())),
                    trace.hash());
        }

        private void finish() {
            for (NodeProcess process : processes.values()) {
                if (!process.running()) {
                    fail("L1", "node " + process.node() + " does not run at the end");
                }
            }
            if (log.leader() == 0 || !log.isReady(log.leader())) {
                fail("L2", "there is no controller at the end");
            }
        }

        private void fail(String invariant, String text) {
            if (failure == null) {
                failure = new SeedResult.Failure(scheduler.executed(), invariant, text, trace.last());
            }
        }

        @Override
        public void start(int node) {
            process(node).start();
            network.listen(node, (stream, from, hello) -> new Pulse(stream));
            if (node <= plan.shape().voters()) {
                log.start(node, new QuorumListener() {});
            }
            for (int other : processes.keySet()) {
                if (other != node) {
                    dial(node, other);
                }
            }
        }

        private NodeProcess process(int node) {
            return java.util.Objects.requireNonNull(processes.get(node));
        }

        private void dial(int node, int other) {
            Pulse pulse = new Pulse(null);
            NetStream stream = network.dial(node, other, StreamKind.CONTROL, "hello", pulse);
            pulse.stream = stream;
            pulse.redial = () -> process(node).after(PULSE_NANOS, "redial", null, () -> dial(node, other));
        }

        private final class Pulse implements StreamHandler {
            private @Nullable NetStream stream;
            private @Nullable Runnable redial;

            Pulse(@Nullable NetStream stream) {
                this.stream = stream;
            }

            @Override
            public void onOpen() {
                if (stream != null && !stream.isClosed()) {
                    stream.send("pulse");
                    process(stream.node()).after(PULSE_NANOS, "pulse", null, this::onOpen);
                }
            }

            @Override
            public void onMessage(Object payload) {
                pulses++;
            }

            @Override
            public void onClosed(Closed why) {
                if (redial != null) {
                    redial.run();
                }
            }
        }

        // ---- faults

        @Override
        public void kill(int node, boolean powerLost) {
            process(node).end(powerLost);
            if (!powerLost) {
                crashed.add(node);
            } else if (mutation.replication() == Rule.NO_SESSION_CHECK && crashed.contains(node)) {
                fail("I3", "node " + node + " lost its power after a crash"); // the toy's one bug
            }
        }

        @Override
        public void killInIo(int node, int operations, boolean powerLost) {
            scheduler.after(operations * 1_000_000L, "I/O", () -> process(node).end(powerLost));
        }

        @Override
        public void shutDown(int node) {
            process(node)
                    .afterVirtual(
                            PULSE_NANOS, "shut down", null, () -> process(node).end(false));
        }

        @Override
        public boolean mayLoseDisk(int node) {
            return true;
        }

        @Override
        public boolean restoreDisk(int node) {
            return true;
        }

        @Override
        public void slowDisk(int node, long nanos) {}

        @Override
        public void stallFlushes(int node, boolean stall) {}

        @Override
        public void failIo(int node, int operations) {}

        @Override
        public void fillDisk(int node, boolean full) {}

        @Override
        public void emptyDisk(int node) {}

        @Override
        public boolean rot(int node, long which) {
            return true;
        }

        @Override
        public void rememberDisk(int node) {}

        @Override
        public void delayMetadata(int node, long nanos) {}

        @Override
        public void administer(Fault fault) {
            trace.fact(FaultClass.values().length + fault.amount());
        }

        @Override
        public void administerEnd(Fault fault) {}

        @Override
        public List<Integer> clients() {
            return List.of();
        }
    }
}
