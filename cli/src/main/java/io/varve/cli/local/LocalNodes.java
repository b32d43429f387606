// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What other commands may ask about the nodes on this machine. Stateless. */
public final class LocalNodes {
    private LocalNodes() {}

    /** Where a cluster is started unless another place is named: {@code varve local up} without options. */
    public static final Path DEFAULT_DIRECTORY = Path.of(".varve/local");

    /** Public addresses of the running nodes of the local cluster in this directory; empty if none runs. */
    public static Optional<String> bootstrap(Path directory) {
        List<String> alive = new LocalDirectory(directory)
                .nodes().stream()
                        .filter(LocalNode::isAlive)
                        .map(node -> node.addresses().bootstrap())
                        .toList();
        return alive.isEmpty() ? Optional.empty() : Optional.of(String.join(",", alive));
    }

    /** The processes of all running nodes of the local cluster in this directory, if one of them is at this address. */
    public static List<Long> pidsBehind(Path directory, String bootstrap) {
        String port = bootstrap.substring(bootstrap.lastIndexOf(':') + 1);
        List<LocalNode> running = new LocalDirectory(directory)
                .nodes().stream().filter(LocalNode::isAlive).toList();
        return running.stream().anyMatch(node -> String.valueOf(node.portBase()).equals(port))
                ? running.stream().map(LocalNode::pid).toList()
                : List.of();
    }
}
