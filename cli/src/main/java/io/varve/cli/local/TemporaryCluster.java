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
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A cluster in a directory of its own that goes away with the command: {@link #close} kills what runs and deletes it, from
 * any thread and at any moment. Everything else is confined to one thread.
 */
public final class TemporaryCluster implements AutoCloseable {
    private static final long TICK_NANOS = 10_000_000;
    private static final Duration DEATH = Duration.ofSeconds(10);
    // Below the ports that the system hands out by itself.
    private static final int FIRST_PORT = 12_000;
    private static final int LAST_PORT = 32_000;
    private static final int PORT_TRIES = 200;

    private final Console console;
    private final boolean keep;
    private final NodeLauncher launcher;
    private final LocalDirectory local;
    private LocalState state;
    // Those that were restarted: what their process says about an early end.
    private List<NodeLauncher.Started> restarted = List.of();
    private boolean closed; // guarded by this

    private TemporaryCluster(Console console, boolean keep, NodeLauncher launcher, Path root, LocalState state) {
        this.console = console;
        this.keep = keep;
        this.launcher = launcher;
        this.local = new LocalDirectory(root);
        this.state = state;
    }

    /** A directory and free ports; nothing runs yet. */
    public static TemporaryCluster create(Console console, String name, int nodes, boolean keep) throws IOException {
        NodeLauncher launcher = NodeLauncher.ofThisCommand();
        LocalState state = freePorts(nodes);
        return new TemporaryCluster(console, keep, launcher, Files.createTempDirectory(name), state);
    }

    private static LocalState freePorts(int nodes) {
        SplittableRandom random = new SplittableRandom();
        for (int i = 0; i < PORT_TRIES; i++) {
            LocalState state = LocalState.of(LocalState.newClusterId(), nodes, random.nextInt(FIRST_PORT, LAST_PORT));
            if (state.nodes().stream()
                    .flatMap(node -> node.addresses().ports().values().stream())
                    .allMatch(PortOwner::isFree)) {
                return state;
            }
        }
        throw new CommandFailure(
                ExitStatus.CONFLICT,
                "ADDRESS_IN_USE",
                "found no free ports between " + FIRST_PORT + " and " + LAST_PORT + " for " + nodes + " nodes",
                "");
    }

    public Path root() {
        return local.root();
    }

    /** Public addresses of all nodes. */
    public String bootstrap() {
        return state.bootstrap();
    }

    /** Public addresses of all nodes but one. */
    public String bootstrapWithout(int id) {
        return state.nodes().stream()
                .filter(node -> node.id() != id)
                .map(node -> node.addresses().bootstrap())
                .collect(Collectors.joining(","));
    }

    public List<Integer> nodeIds() {
        return state.nodes().stream().map(LocalNode::id).toList();
    }

    /** Formats and starts all nodes; returns the seconds from the first start until the last one took part. */
    public double start(Duration timeout) throws IOException {
        ClusterStart start = new ClusterStart(state, local, launcher, console);
        state = start.run(timeout);
        return start.secondsSinceLaunch();
    }

    /** SIGKILL; returns when the process is gone. */
    public void kill(int id) {
        LocalNode node = node(id);
        ProcessHandle.of(node.pid()).ifPresent(ProcessHandle::destroyForcibly);
        await(() -> !node.isAlive(), DEATH, "node " + id + " did not die of kill -9");
    }

    /** Starts one that was killed, without waiting for it. */
    public synchronized void restart(int id) {
        if (closed) {
            throw new IllegalStateException("the cluster is closed");
        }
        LocalNode node = node(id);
        NodeLauncher.Started started = launcher.run(node, local.config(id), local.log(id));
        restarted = List.of(started);
        state = state.with(started.node());
        local.save(state);
    }

    /** Whether the node takes part; fails if it stopped while starting. */
    public boolean isReady(int id) {
        for (NodeLauncher.Started started : restarted) {
            if (!started.process().isAlive()) {
                throw started.failure();
            }
        }
        return NodeState.of(node(id)) == NodeState.READY;
    }

    public boolean isAlive(int id) {
        return node(id).isAlive();
    }

    /** SIGTERM to all at once; returns when all have stopped. */
    public void stop(Duration timeout) {
        for (LocalNode node : state.nodes()) {
            if (node.isAlive()) {
                ProcessHandle.of(node.pid()).ifPresent(ProcessHandle::destroy);
            }
        }
        await(
                () -> state.nodes().stream().noneMatch(LocalNode::isAlive),
                timeout,
                "the nodes did not stop within " + Units.seconds(timeout.toMillis() / 1e3));
        for (LocalNode node : state.nodes()) {
            state = state.with(LocalNode.stopped(node.id(), node.portBase()));
        }
        local.save(state);
    }

    /**
     * Begins to print the records that a stopped node has of a topic: what {@code varve debug dump-records} prints.
     *
     * @param topicId which the directories of its partitions are named after
     */
    public Process dumpRecords(int id, String topicId) throws IOException {
        try (Stream<Path> logs = Files.list(local.data(id).resolve("logs"))) {
            List<Path> partitions = logs.filter(
                            log -> log.getFileName().toString().startsWith(topicId + "-"))
                    .sorted()
                    .toList();
            return launcher.dumpRecords(partitions, local.log(id));
        }
    }

    /** Kills every process that this command started and deletes the directory, unless it is kept. May be called again. */
    @Override
    public void close() {
        synchronized (this) { // nothing is restarted from here on
            closed = true;
        }
        long deadline = System.nanoTime() + DEATH.toNanos();
        // Another thread may be starting one just now; without the directory it cannot start more.
        do {
            ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
            if (ProcessHandle.current().children().findAny().isEmpty() && (keep || delete(local.root()))) {
                return;
            }
            LockSupport.parkNanos(TICK_NANOS);
        } while (System.nanoTime() - deadline < 0);
    }

    /** Whether nothing is left. */
    private static boolean delete(Path tree) {
        if (!Files.exists(tree)) {
            return true;
        }
        List<Path> deepestFirst = new ArrayList<>();
        try (Stream<Path> all = Files.walk(tree)) {
            all.sorted(Comparator.reverseOrder()).forEach(deepestFirst::add);
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
            return true;
        } catch (IOException | java.io.UncheckedIOException e) {
            return false;
        }
    }

    private LocalNode node(int id) {
        return state.nodes().get(id - 1);
    }

    private void await(BooleanSupplier condition, Duration limit, String late) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new CommandFailure(
                        ExitStatus.UNAVAILABLE, "REQUEST_TIMED_OUT", late, "its files are in " + local.root());
            }
            LockSupport.parkNanos(TICK_NANOS);
        }
    }
}
