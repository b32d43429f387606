// SPDX-License-Identifier: Apache-2.0
package io.varve.it.process;

import io.varve.proto.Uuids;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/**
 * Nodes 1 to N of one cluster, the first three of them voters, each in a process of its own and with ports that it keeps. Confined to one thread.
 */
public final class ClusterProcesses implements AutoCloseable {
    private static final int PORTS_PER_NODE = 4;
    private static final int PEER_PORT = 3;
    private static final int VOTERS = 3;

    private final Map<Integer, NodeFiles> files;
    private final Map<Integer, NodeProcess> running = new TreeMap<>();

    private ClusterProcesses(Map<Integer, NodeFiles> files) {
        this.files = files;
    }

    /** Prepares the nodes' directories below this one; starts nothing. */
    public static ClusterProcesses format(Path directory, int nodes) throws IOException {
        return format(directory, nodes, (id, files) -> files);
    }

    /** @param adjust puts a node's data elsewhere, or gives it other settings */
    public static ClusterProcesses format(Path directory, int nodes, BiFunction<Integer, NodeFiles, NodeFiles> adjust)
            throws IOException {
        int portBase = Ports.run(nodes * PORTS_PER_NODE);
        List<String> voters = new ArrayList<>();
        for (int id = 1; id <= Math.min(nodes, VOTERS); id++) {
            int base = portBase + (id - 1) * PORTS_PER_NODE;
            voters.add("\"%d@127.0.0.1:%d:%d\"".formatted(id, base + 1, base + PEER_PORT));
        }
        Map<Integer, NodeFiles> files = new LinkedHashMap<>();
        for (int id = 1; id <= nodes; id++) {
            Path work = Files.createDirectories(directory.resolve("node-" + id));
            int base = portBase + (id - 1) * PORTS_PER_NODE;
            NodeFiles plain = NodeFiles.on(base, work, work.resolve("data"))
                    .with("node.id", id)
                    .with("peer.bind", "\"127.0.0.1:" + (base + PEER_PORT) + "\"")
                    .with("quorum.voters", voters);
            files.put(id, adjust.apply(id, plain));
        }
        String clusterId = Uuids.toText(Uuids.random());
        for (NodeFiles node : files.values()) {
            NodeProcess.format(node, List.of("--cluster-id", clusterId));
        }
        return new ClusterProcesses(files);
    }

    public Collection<Integer> ids() {
        return files.keySet();
    }

    /** Those that were started and not ended since. */
    public Collection<Integer> runningIds() {
        return List.copyOf(running.keySet());
    }

    public NodeFiles files(int id) {
        NodeFiles found = files.get(id);
        if (found == null) {
            throw new IllegalArgumentException("there is no node " + id + " among " + files.keySet());
        }
        return found;
    }

    /** All nodes' addresses, for a client. */
    public String bootstrap() {
        return files.values().stream().map(NodeFiles::bootstrap).collect(Collectors.joining(","));
    }

    /** Starts a process and returns at once. */
    public void launch(int id) throws IOException {
        if (running.containsKey(id)) {
            throw new IllegalStateException("node " + id + " runs already");
        }
        running.put(id, NodeProcess.launchAtFullSize(files(id)));
    }

    /** Starts those that do not run, and returns when all take requests. */
    public void startAll() throws IOException {
        for (int id : ids()) {
            if (!running.containsKey(id)) {
                launch(id);
            }
        }
        awaitReady();
    }

    /** Returns when all that run take requests. */
    public void awaitReady() throws IOException {
        for (NodeProcess node : running.values()) {
            node.awaitReady();
        }
    }

    /** kill -9. */
    public void kill(int id) {
        process(id).kill();
        running.remove(id);
    }

    /** SIGTERM; returns the exit code. */
    public int stop(int id) throws IOException {
        int code = process(id).stop();
        running.remove(id);
        return code;
    }

    /** SIGTERM to all that run, at once; returns when the last one is gone. */
    public void stopAll() throws IOException {
        running.values().forEach(NodeProcess::terminate);
        for (int id : runningIds()) {
            int code = stop(id);
            if (code != 0) {
                throw new IOException("node " + id + " stopped with exit code " + code);
            }
        }
    }

    /** SIGSTOP. */
    public void freeze(int id) throws IOException {
        process(id).freeze();
    }

    /** SIGCONT. */
    public void thaw(int id) throws IOException {
        process(id).thaw();
    }

    /** Whether its process still runs. */
    public boolean isAlive(int id) {
        return process(id).isAlive();
    }

    /** Returns its exit code when it has ended by itself; fails after a while. */
    public int awaitEnd(int id) throws IOException {
        int code = process(id).awaitEnd();
        running.remove(id);
        return code;
    }

    /** What an operator's browser would get from its HTTP port. */
    public HttpResponse<String> get(int id, String path) throws IOException {
        return process(id).get(path);
    }

    /** What nodes have said so far that an operator would have to act on. */
    public List<String> errorLines() throws IOException {
        List<String> lines = new ArrayList<>();
        for (Map.Entry<Integer, NodeFiles> node : files.entrySet()) {
            NodeProcess.errorLines(node.getValue()).forEach(line -> lines.add("node " + node.getKey() + ": " + line));
        }
        return lines;
    }

    /** Kills what still runs. */
    @Override
    public void close() {
        running.values().forEach(NodeProcess::close);
        running.clear();
    }

    private NodeProcess process(int id) {
        NodeProcess found = running.get(id);
        if (found == null) {
            throw new IllegalStateException("node " + id + " does not run");
        }
        return found;
    }
}
