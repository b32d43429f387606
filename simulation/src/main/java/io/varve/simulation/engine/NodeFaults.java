// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import java.util.Map;
import java.util.TreeMap;

/** Faults of one node that last for a while: several of a kind may overlap, and the last one to end ends them. */
final class NodeFaults {
    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000_000;

    private final Scheduler scheduler;
    private final Map<Integer, NodeProcess> processes;
    private final FaultTarget target;
    private final Map<String, Integer> depth = new TreeMap<>();

    NodeFaults(Scheduler scheduler, Map<Integer, NodeProcess> processes, FaultTarget target) {
        this.scheduler = scheduler;
        this.processes = processes;
        this.target = target;
    }

    boolean begin(Fault fault) {
        boolean any = false;
        for (int node : fault.nodes()) {
            NodeProcess process = processes.get(node);
            if (process != null) {
                depth.merge(key(fault, node), 1, Integer::sum);
                any |= begin(fault, process);
            }
        }
        if (!any) {
            end(fault); // it does not count, so nobody will end it
        }
        return any;
    }

    void end(Fault fault) {
        for (int node : fault.nodes()) {
            NodeProcess process = processes.get(node);
            if (process != null && depth.merge(key(fault, node), -1, Integer::sum) <= 0) {
                depth.remove(key(fault, node));
                end(fault.what(), process);
            }
        }
    }

    private static String key(Fault fault, int node) {
        return fault.what() + " " + node;
    }

    private boolean begin(Fault fault, NodeProcess process) {
        int node = process.node();
        switch (fault.what()) {
            case PAUSE:
                boolean runs = process.running();
                process.pause(fault.durationNanos());
                return runs;
            case STUTTER:
                stutter(fault, process, new SimRandom(fault.atNanos()));
                return process.alive();
            case CLOCK_RATE:
                process.clock().setRatePerMille((int) fault.amount());
                return true;
            case WALL_JUMP:
                process.clock().jumpWall(fault.amount());
                depth.remove(key(fault, node));
                return true;
            case SLOW_DISK:
                target.slowDisk(node, fault.amount() * MICRO);
                return true;
            case FLUSH_STALL:
                target.stallFlushes(node, true); // of the disk: it waits for the next process
                return true;
            case IO_ERROR:
                target.failIo(node, (int) fault.amount());
                return process.alive();
            case DISK_FULL:
                target.fillDisk(node, true);
                return true;
            default:
                throw new IllegalArgumentException("no fault of one node: " + fault);
        }
    }

    private void end(FaultClass what, NodeProcess process) {
        switch (what) {
            case CLOCK_RATE:
                process.clock().setRatePerMille(NodeClock.TRUE_RATE);
                break;
            case SLOW_DISK:
                target.slowDisk(process.node(), 0);
                break;
            case FLUSH_STALL:
                target.stallFlushes(process.node(), false);
                break;
            case DISK_FULL:
                target.fillDisk(process.node(), false);
                break;
            default: // the others end by themselves
        }
    }

    private void stutter(Fault fault, NodeProcess process, SimRandom random) {
        if (!depth.containsKey(key(fault, process.node())) || scheduler.now() >= fault.endNanos()) {
            return;
        }
        process.pause(random.exponential(fault.amount() * MILLI));
        long next = 50 * MILLI + random.exponential(2 * fault.amount() * MILLI);
        scheduler.after(next, "stutter", () -> stutter(fault, process, random));
    }

    void heal(NodeProcess process) {
        process.endPause();
        process.clock().setRatePerMille(NodeClock.TRUE_RATE);
    }
}
