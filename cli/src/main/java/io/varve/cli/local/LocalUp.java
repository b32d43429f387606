// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import io.varve.cli.CommandFailure;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.Units;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "up",
        description = "Start a cluster in the background and wait until every node takes part. Nodes that run are left"
                + " alone: after one was killed, this brings it back.")
final class LocalUp implements Callable<Integer> {
    private static final int DEFAULT_NODES = 3;
    private static final int MAX_NODES = 9;

    private final Console console;

    @Mixin
    private LocalCommand.DirectoryOption directory = new LocalCommand.DirectoryOption();

    @Option(
            names = "--nodes",
            paramLabel = "N",
            description = "Number of nodes, 1 to " + MAX_NODES + "; 1, 3 or 5 of them keep the metadata (default: "
                    + DEFAULT_NODES + ", or what the directory was made with).")
    private @Nullable Integer nodes;

    @Option(
            names = "--port-base",
            paramLabel = "PORT",
            description = "The first node's public port; its other ports follow up to PORT+9, and the next node's begin"
                    + " at PORT+100 (default: " + NodeAddresses.DEFAULT_PORT_BASE
                    + ", or what the directory was made with).")
    private @Nullable Integer portBase;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = Units.Time.class,
            description = "How long to wait for the nodes (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ofSeconds(60);

    LocalUp(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        NodeLauncher launcher = NodeLauncher.ofThisCommand();
        LocalDirectory local = directory.open();
        LocalState wanted = agreed(local);
        checkPorts(wanted);
        local.create(1);
        LocalState up;
        try (FileChannel lock = local.lock()) {
            // Another command may have started it in between; its ports would not be free any more.
            up = new ClusterStart(local.state().orElse(wanted), local, launcher, console).run(timeout);
        }
        if (!directory.isDefault() || up.nodes().get(0).portBase() != NodeAddresses.DEFAULT_PORT_BASE) {
            console.println("for other commands: export VARVE_BOOTSTRAP=" + up.bootstrap());
        }
        return ExitStatus.OK.code();
    }

    /** The cluster that the directory has, which is not changed by options, or a new one. */
    private LocalState agreed(LocalDirectory local) {
        Optional<LocalState> known =
                local.state().filter(state -> !state.nodes().isEmpty());
        if (known.isEmpty()) {
            return made();
        }
        int count = known.get().nodes().size();
        if (nodes != null && nodes != count) {
            throw new CommandFailure(
                    ExitStatus.CONFLICT,
                    "CLUSTER_SIZE_IS_SET",
                    "the local cluster in %s has %d node%s, not %d"
                            .formatted(local.root(), count, count == 1 ? "" : "s", nodes),
                    "leave --nodes away, use another --dir, or delete it: varve local down --wipe"
                            + directory.argument());
        }
        int base = known.get().nodes().get(0).portBase();
        if (portBase != null && portBase != base) {
            throw new CommandFailure(
                    ExitStatus.CONFLICT,
                    "PORTS_ARE_SET",
                    "the local cluster in %s was made for the ports from %d on, not from %d"
                            .formatted(local.root(), base, portBase),
                    "leave --port-base away, or use another --dir");
        }
        return known.get();
    }

    private LocalState made() {
        int count = nodes == null ? DEFAULT_NODES : nodes;
        if (count < 1 || count > MAX_NODES) {
            throw CommandFailure.usage(
                    "a local cluster has 1 to " + MAX_NODES + " nodes, not " + count, "leave --nodes away for three");
        }
        int base = portBase == null ? NodeAddresses.DEFAULT_PORT_BASE : portBase;
        int last = LocalState.lastPortBase(count);
        if (base < 1 || base > last) {
            throw CommandFailure.usage(
                    "--port-base must be from 1 to " + last + ", not " + base,
                    "a node uses ten ports from its base on, and the next one's begin 100 above");
        }
        return LocalState.of(LocalState.newClusterId(), count, base);
    }

    /** Here, and not only by the nodes, because here the process that has the port can be named. */
    private static void checkPorts(LocalState state) {
        for (LocalNode node : state.dead()) {
            node.addresses().ports().forEach((use, port) -> {
                if (PortOwner.isFree(port)) {
                    return;
                }
                String owner = PortOwner.of(port)
                        .map(found -> "process " + found.pid() + " (" + found.command() + ")")
                        .orElse("another process");
                throw new CommandFailure(
                        ExitStatus.CONFLICT,
                        "ADDRESS_IN_USE",
                        "the " + use + " port " + port + " of node " + node.id() + " is taken by " + owner,
                        "stop that process, or start elsewhere: varve local up --dir DIR --port-base PORT");
            });
        }
    }
}
