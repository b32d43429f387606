// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import io.varve.cli.CommandFailure;
import io.varve.cli.Confirmation;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.Units;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "down", description = "Stop the local cluster; what it holds stays, unless --wipe.")
final class LocalDown implements Callable<Integer> {
    private static final long TICK_NANOS = 20_000_000;

    private final Console console;

    @Mixin
    private LocalCommand.DirectoryOption directory = new LocalCommand.DirectoryOption();

    @Mixin
    private Confirmation confirmation = new Confirmation();

    @Option(names = "--wipe", description = "Delete everything that the cluster holds, too.")
    private boolean wipe;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "30s",
            converter = Units.Time.class,
            description = "How long to wait for a node to stop (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ofSeconds(30);

    LocalDown(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        LocalDirectory local = directory.open();
        if (local.nodes().isEmpty()) {
            throw LocalStatus.noCluster(local, directory);
        }
        if (wipe
                && !confirmation.given(
                        console,
                        "This deletes the local cluster in " + local.root() + " with all its records ("
                                + Units.humanBytes(local.sizeBytes()) + ").")) {
            console.println("nothing was done");
            return ExitStatus.OK.code();
        }
        try (FileChannel lock = local.lock()) {
            LocalState state = local.state().orElseThrow();
            stop(state.nodes(), local);
            for (LocalNode node : state.nodes()) {
                state = state.with(LocalNode.stopped(node.id(), node.portBase()));
            }
            local.save(state);
            if (wipe) {
                local.wipe();
                console.println("wiped " + local.root());
            }
        }
        return ExitStatus.OK.code();
    }

    /** All are told at once: a cluster that goes down as a whole has nobody to hand anything to. */
    private void stop(List<LocalNode> nodes, LocalDirectory local) {
        long began = System.nanoTime();
        List<LocalNode> stopping = new ArrayList<>();
        for (LocalNode node : nodes) {
            if (node.isAlive()) {
                stopping.add(node);
                // SIGTERM. The process may end between the two looks at it; then there is nothing to tell it.
                ProcessHandle.of(node.pid()).ifPresent(ProcessHandle::destroy);
            } else if (!wipe) {
                console.println("node " + node.id() + " was not running");
            }
        }
        while (!stopping.isEmpty()) {
            for (LocalNode node : List.copyOf(stopping)) {
                if (!node.isAlive()) {
                    stopping.remove(node);
                    console.println(
                            "node " + node.id() + " stopped after " + Units.seconds((System.nanoTime() - began) / 1e9));
                }
            }
            if (!stopping.isEmpty() && System.nanoTime() - began > timeout.toNanos()) {
                LocalNode late = stopping.get(0);
                throw new CommandFailure(
                        ExitStatus.UNAVAILABLE,
                        "REQUEST_TIMED_OUT",
                        "node " + late.id() + " (process " + late.pid() + ") did not stop within "
                                + Units.seconds(timeout.toMillis() / 1e3),
                        "its log is " + local.log(late.id()) + "; kill -9 " + late.pid()
                                + " loses nothing that was acknowledged");
            }
            LockSupport.parkNanos(TICK_NANOS);
        }
    }
}
