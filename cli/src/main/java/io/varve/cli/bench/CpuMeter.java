// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.bench;

import io.varve.cli.Console;
import io.varve.cli.ProcessStat;
import io.varve.cli.local.LocalNodes;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Processor time of this process and of the node, user and system, from the kernel's count (a hundredth of a second
 * fine). Confined to one thread.
 */
final class CpuMeter {
    private static final double BYTES_PER_GIGABYTE = 1e9;

    private final OptionalLong nodePid;
    private final OptionalDouble clientBefore;
    private final OptionalDouble nodeBefore;

    /** How to find the node's process. */
    static final class NodeOptions {
        @Option(
                names = "--dir",
                paramLabel = "DIR",
                defaultValue = ".varve/local",
                description = "The local cluster whose node is measured too (default: ${DEFAULT-VALUE}).")
        private Path directory = Path.of(".varve/local");

        @Option(names = "--node-pid", paramLabel = "PID", description = "The process of the node to measure too.")
        private @Nullable Long pid;

        OptionalLong pid(String bootstrap) {
            return pid != null ? OptionalLong.of(pid) : LocalNodes.pidOf(directory, bootstrap);
        }
    }

    /**
     * Seconds of processor time per 10^9 bytes of keys and values; empty where a process cannot be seen.
     */
    record Cost(OptionalDouble client, OptionalDouble node) {}

    private CpuMeter(OptionalLong nodePid) {
        this.nodePid = nodePid;
        clientBefore = seconds(OptionalLong.of(ProcessHandle.current().pid()));
        nodeBefore = seconds(nodePid);
    }

    static CpuMeter start(OptionalLong nodePid, Console console) {
        if (nodePid.isPresent() && ProcessStat.of(nodePid.getAsLong()).isEmpty()) {
            console.err().println("note: there is no process " + nodePid.getAsLong() + " to measure");
        }
        return new CpuMeter(nodePid);
    }

    Cost stop(long bytes) {
        return new Cost(
                perGigabyte(
                        clientBefore,
                        seconds(OptionalLong.of(ProcessHandle.current().pid())),
                        bytes),
                perGigabyte(nodeBefore, seconds(nodePid), bytes));
    }

    private static OptionalDouble seconds(OptionalLong pid) {
        return pid.isEmpty()
                ? OptionalDouble.empty()
                : ProcessStat.of(pid.getAsLong()).stream()
                        .mapToDouble(ProcessStat::cpuSeconds)
                        .findFirst();
    }

    private static OptionalDouble perGigabyte(OptionalDouble before, OptionalDouble after, long bytes) {
        return before.isEmpty() || after.isEmpty() || bytes == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of((after.getAsDouble() - before.getAsDouble()) / bytes * BYTES_PER_GIGABYTE);
    }
}
