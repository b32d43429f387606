// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.bench;

import io.varve.cli.Console;
import io.varve.cli.ProcessStat;
import io.varve.cli.local.LocalNodes;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import picocli.CommandLine.Option;

/**
 * Processor time of this process and of the nodes, user and system, from the kernel's count (a hundredth of a second
 * fine). Confined to one thread.
 */
final class CpuMeter {
    private static final double BYTES_PER_GIGABYTE = 1e9;

    private final List<Long> nodePids;
    private final OptionalDouble clientBefore;
    private final OptionalDouble nodesBefore;

    /** How to find the nodes' processes. */
    static final class NodeOptions {
        @Option(
                names = "--dir",
                paramLabel = "DIR",
                defaultValue = ".varve/local",
                description = "The local cluster whose nodes are measured too (default: ${DEFAULT-VALUE}).")
        private Path directory = Path.of(".varve/local");

        @Option(
                names = "--node-pid",
                paramLabel = "PID",
                split = ",",
                description = "The processes of the nodes to measure too.")
        private List<Long> pids = List.of();

        List<Long> pids(String bootstrap) {
            return pids.isEmpty() ? LocalNodes.pidsBehind(directory, bootstrap) : pids;
        }
    }

    /**
     * Seconds of processor time per 10^9 bytes of keys and values, of all nodes together; empty where a process cannot be
     * seen.
     */
    record Cost(OptionalDouble client, OptionalDouble nodes) {}

    private CpuMeter(List<Long> nodePids) {
        this.nodePids = nodePids;
        clientBefore = seconds(ownPid());
        nodesBefore = seconds(nodePids);
    }

    static CpuMeter start(List<Long> nodePids, Console console) {
        nodePids.stream()
                .filter(pid -> ProcessStat.of(pid).isEmpty())
                .forEach(pid -> console.err().println("note: there is no process " + pid + " to measure"));
        return new CpuMeter(nodePids);
    }

    private static List<Long> ownPid() {
        return List.of(ProcessHandle.current().pid());
    }

    Cost stop(long bytes) {
        return new Cost(
                perGigabyte(clientBefore, seconds(ownPid()), bytes),
                perGigabyte(nodesBefore, seconds(nodePids), bytes));
    }

    private static OptionalDouble seconds(List<Long> pids) {
        double seconds = 0;
        for (long pid : pids) {
            Optional<ProcessStat> stat = ProcessStat.of(pid);
            if (stat.isEmpty()) {
                return OptionalDouble.empty();
            }
            seconds += stat.get().cpuSeconds();
        }
        return pids.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(seconds);
    }

    private static OptionalDouble perGigabyte(OptionalDouble before, OptionalDouble after, long bytes) {
        return before.isEmpty() || after.isEmpty() || bytes == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of((after.getAsDouble() - before.getAsDouble()) / bytes * BYTES_PER_GIGABYTE);
    }
}
