// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import io.varve.cli.CommandFailure;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.Units;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "up", description = "Start a node in the background and wait until it takes requests.")
final class LocalUp implements Callable<Integer> {
    private static final int NODE_ID = 1;

    private final Console console;

    @Mixin
    private LocalCommand.DirectoryOption directory = new LocalCommand.DirectoryOption();

    @Option(names = "--nodes", paramLabel = "1", defaultValue = "1", description = "Number of nodes: one, for now.")
    private int nodes = 1;

    @Option(
            names = "--port-base",
            paramLabel = "PORT",
            description = "The node's public port; its other ports follow up to PORT+9 (default: "
                    + NodeAddresses.DEFAULT_PORT_BASE + ", or what the directory was made with).")
    private @Nullable Integer portBase;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = Units.Time.class,
            description = "How long to wait for the node (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ofSeconds(60);

    LocalUp(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (nodes != 1) {
            throw CommandFailure.usage("a local cluster has one node for now, not " + nodes, "leave --nodes away");
        }
        NodeLauncher launcher = NodeLauncher.ofThisCommand();
        LocalDirectory local = directory.open();
        NodeAddresses wanted = new NodeAddresses(portBase == null ? NodeAddresses.DEFAULT_PORT_BASE : portBase);
        LocalNode known = local.node(NODE_ID).orElse(LocalNode.stopped(NODE_ID, wanted.portBase()));
        if (portBase != null && portBase != known.portBase()) {
            throw new CommandFailure(
                    ExitStatus.CONFLICT,
                    "PORTS_ARE_SET",
                    "node 1 in " + local.root() + " was made for the ports from " + known.portBase() + ", not from "
                            + portBase,
                    "leave --port-base away, or use another --dir");
        }
        if (known.isAlive()) {
            return alreadyUp(known, local);
        }
        checkPorts(known.addresses());
        local.create(NODE_ID);
        try (FileChannel lock = local.lock()) {
            // Another command may have started it in between; its ports would not be free any more.
            LocalNode now = local.node(NODE_ID).orElse(known);
            return now.isAlive() ? alreadyUp(now, local) : start(known, local, launcher);
        }
    }

    private int alreadyUp(LocalNode node, LocalDirectory local) {
        NodeState state = NodeState.of(node);
        if (state != NodeState.READY) {
            throw new CommandFailure(
                    ExitStatus.CONFLICT,
                    "NODE_NOT_READY",
                    "node 1 in " + local.root() + " is already running as process " + node.pid()
                            + ", but does not take requests",
                    "its log is " + local.log(NODE_ID) + "; varve local down" + directory.argument() + " stops it");
        }
        console.println("node 1 is already up at " + node.addresses().bootstrap() + " (process " + node.pid() + ")");
        return ExitStatus.OK.code();
    }

    /** Here, and not only by the node, because here the process that has the port can be named. */
    private void checkPorts(NodeAddresses addresses) {
        addresses.ports().forEach((use, port) -> {
            if (PortOwner.isFree(port)) {
                return;
            }
            String owner = PortOwner.of(port)
                    .map(found -> "process " + found.pid() + " (" + found.command() + ")")
                    .orElse("another process");
            throw new CommandFailure(
                    ExitStatus.CONFLICT,
                    "ADDRESS_IN_USE",
                    "the " + use + " port " + port + " of node 1 is taken by " + owner,
                    "stop that process, or start elsewhere: varve local up --dir DIR --port-base PORT");
        });
    }

    private int start(LocalNode known, LocalDirectory local, NodeLauncher launcher) throws IOException {
        long began = System.nanoTime();
        StartupProgress progress = new StartupProgress(console);
        Path config = local.config(NODE_ID);
        if (!Files.exists(config)) {
            Files.writeString(config, NodeFile.text(NODE_ID, local.data(NODE_ID), known.addresses()));
        }
        // Remembered before anything is made, so that a failed start can be wiped too.
        local.save(List.of(LocalNode.stopped(NODE_ID, known.portBase())));
        if (!Files.exists(local.data(NODE_ID).resolve("meta.properties"))) {
            progress.show("formatting node 1");
            launcher.format(config, newClusterId(), local.log(NODE_ID));
        }
        progress.show("starting node 1");
        NodeLauncher.Started started = launcher.run(config, local.log(NODE_ID));
        LocalNode node = known.startedAs(started.stat());
        local.save(List.of(node));
        awaitReady(node, started, local, progress);
        progress.clear();
        String seconds = Units.seconds((System.nanoTime() - began) / 1e9);
        console.println("node 1 is up at " + node.addresses().bootstrap() + " after " + seconds + ", data in "
                + local.nodeDirectory(NODE_ID));
        if (node.portBase() != NodeAddresses.DEFAULT_PORT_BASE) {
            console.println("for other commands: export VARVE_BOOTSTRAP="
                    + node.addresses().bootstrap());
        }
        return ExitStatus.OK.code();
    }

    private void awaitReady(
            LocalNode node, NodeLauncher.Started started, LocalDirectory local, StartupProgress progress) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (NodeState.of(node) != NodeState.READY) {
            if (!started.process().isAlive()) {
                progress.clear();
                throw started.failure();
            }
            if (System.nanoTime() - deadline > 0) {
                progress.clear();
                throw new CommandFailure(
                        ExitStatus.UNAVAILABLE,
                        "REQUEST_TIMED_OUT",
                        "node 1 (process " + node.pid() + ") runs, but was not ready within "
                                + Units.seconds(timeout.toMillis() / 1e3),
                        "its log is " + local.log(NODE_ID));
            }
            progress.tick();
        }
    }

    /** A UUID in URL-safe base64, as the node prints it. */
    private static String newClusterId() {
        UUID id = UUID.randomUUID();
        byte[] bytes = ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
