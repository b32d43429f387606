// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import io.varve.cli.CommandFailure;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.Units;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Starts the nodes of a local cluster that do not run, all at the same time. Confined to one thread. */
final class ClusterStart {
    private final LocalDirectory local;
    private final NodeLauncher launcher;
    private final Console console;
    private final StartupProgress progress;
    private LocalState state;
    private long launchedNanos;

    /** @param state as the directory has it, or will have it; the directory is locked */
    ClusterStart(LocalState state, LocalDirectory local, NodeLauncher launcher, Console console) {
        this.state = state;
        this.local = local;
        this.launcher = launcher;
        this.console = console;
        this.progress = new StartupProgress(console);
    }

    /** Returns when every node takes part. A node that fails does not take the others with it. */
    LocalState run(Duration timeout) throws IOException {
        List<LocalNode> dead = state.dead();
        for (LocalNode node : dead) {
            local.create(node.id());
            Path config = local.config(node.id());
            if (!Files.exists(config)) {
                Files.writeString(config, NodeFile.text(node, local.data(node.id()), state.voters()));
            }
            state = state.with(LocalNode.stopped(node.id(), node.portBase()));
        }
        // Remembered before anything is made, so that a failed start can be wiped too.
        local.save(state);
        try {
            format(dead);
            List<NodeLauncher.Started> started = launch(dead);
            await(started, timeout);
        } finally {
            progress.clear();
        }
        return state;
    }

    /** Since the first process of a node was started, formatted as it was. */
    double secondsSinceLaunch() {
        return (System.nanoTime() - launchedNanos) / 1e9;
    }

    private void format(List<LocalNode> dead) {
        List<NodeLauncher.Formatting> all = new ArrayList<>();
        for (LocalNode node : dead) {
            if (!local.isFormatted(node.id())) {
                progress.show(node.id(), "formatting");
                String clusterId = Objects.requireNonNull(state.clusterId(), "an old directory is formatted");
                all.add(launcher.format(node, local.config(node.id()), clusterId, local.log(node.id())));
            }
        }
        all.forEach(NodeLauncher.Formatting::await);
    }

    private List<NodeLauncher.Started> launch(List<LocalNode> dead) {
        List<NodeLauncher.Started> all = new ArrayList<>();
        launchedNanos = System.nanoTime();
        for (LocalNode node : dead) {
            progress.show(node.id(), "starting");
            NodeLauncher.Started started = launcher.run(node, local.config(node.id()), local.log(node.id()));
            all.add(started);
            state = state.with(started.node());
            local.save(state); // at once: whoever stops this command leaves no node that nobody knows of
        }
        return all;
    }

    private void await(List<NodeLauncher.Started> started, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        List<LocalNode> waited = new ArrayList<>(state.nodes());
        while (!waited.isEmpty()) {
            for (LocalNode node : List.copyOf(waited)) {
                if (NodeState.of(node) == NodeState.READY) {
                    waited.remove(node);
                    ready(node, started);
                }
            }
            for (NodeLauncher.Started one : started) {
                if (!one.process().isAlive()) {
                    progress.clear();
                    throw one.failure();
                }
            }
            if (!waited.isEmpty() && System.nanoTime() - deadline > 0) {
                LocalNode late = waited.get(0);
                progress.clear();
                throw new CommandFailure(
                        ExitStatus.UNAVAILABLE,
                        "REQUEST_TIMED_OUT",
                        "node " + late.id() + " (process " + late.pid() + ") runs, but was not ready within "
                                + Units.seconds(timeout.toMillis() / 1e3),
                        "its log is " + local.log(late.id()));
            }
            progress.tick();
        }
    }

    private void ready(LocalNode node, List<NodeLauncher.Started> started) {
        progress.finish(node.id());
        String where = "up at " + node.addresses().bootstrap();
        console.println(
                started.stream().anyMatch(one -> one.node().equals(node))
                        ? "node %d is %s after %s, data in %s"
                                .formatted(
                                        node.id(),
                                        where,
                                        Units.seconds(progress.seconds()),
                                        local.nodeDirectory(node.id()))
                        : "node %d is already %s (process %d)".formatted(node.id(), where, node.pid()));
    }
}
