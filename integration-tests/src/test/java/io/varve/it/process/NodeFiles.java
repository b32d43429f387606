// SPDX-License-Identifier: Apache-2.0
package io.varve.it.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a node under test keeps its things, and the ports that it keeps through restarts. <i>Immutable.</i>
 *
 * @param workDirectory for the configuration and what the processes print; on a disk that does not fail
 * @param dataDirectory for logs and metadata; may be on a {@link LoopDisk}
 * @param settings more lines of node.yaml, or others instead of those that a lone node has
 */
public record NodeFiles(
        Path workDirectory,
        Path dataDirectory,
        int publicPort,
        int raftPort,
        int httpPort,
        Map<String, String> settings) {
    private static final String LOOPBACK = "127.0.0.1";
    private static final int PORTS = 3;

    public static NodeFiles in(Path workDirectory, Path dataDirectory) {
        return on(Ports.run(PORTS), workDirectory, dataDirectory);
    }

    /** With three ports from the given one on. */
    public static NodeFiles on(int portBase, Path workDirectory, Path dataDirectory) {
        return new NodeFiles(workDirectory, dataDirectory, portBase, portBase + 1, portBase + 2, Map.of());
    }

    /** The same with one setting more. */
    public NodeFiles with(String key, Object value) {
        Map<String, String> more = new LinkedHashMap<>(settings);
        more.put(key, String.valueOf(value));
        return new NodeFiles(workDirectory, dataDirectory, publicPort, raftPort, httpPort, more);
    }

    /** The same with its data elsewhere. */
    public NodeFiles dataIn(Path directory) {
        return new NodeFiles(workDirectory, directory, publicPort, raftPort, httpPort, settings);
    }

    public String bootstrap() {
        return LOOPBACK + ":" + publicPort;
    }

    /** Writes node.yaml and returns its path. */
    Path writeConfiguration() throws IOException {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("node.id", "1");
        lines.put("storage.directories", "[" + quoted(dataDirectory.toString()) + "]");
        lines.put("peer.bind", quoted(LOOPBACK + ":0"));
        lines.put("raft.bind", quoted(LOOPBACK + ":" + raftPort));
        lines.put("http.bind", quoted(LOOPBACK + ":" + httpPort));
        lines.put(
                "listeners",
                "[{name: public, bind: %s, advertised: %s}]".formatted(quoted(bootstrap()), quoted(bootstrap())));
        lines.putAll(settings);
        StringBuilder yaml = new StringBuilder();
        lines.forEach(
                (key, value) -> yaml.append(key).append(": ").append(value).append('\n'));
        return Files.writeString(workDirectory.resolve("node.yaml"), yaml);
    }

    private static String quoted(String text) {
        return '"' + text + '"';
    }
}
