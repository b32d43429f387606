// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import java.nio.file.Path;
import java.util.OptionalLong;

/** What other commands may ask about the nodes on this machine. Stateless. */
public final class LocalNodes {
    private LocalNodes() {}

    /** The process of a running node of the local cluster in this directory, by its public address. */
    public static OptionalLong pidOf(Path directory, String bootstrap) {
        String port = bootstrap.substring(bootstrap.lastIndexOf(':') + 1);
        return new LocalDirectory(directory)
                .nodes().stream()
                        .filter(node -> String.valueOf(node.portBase()).equals(port) && node.isAlive())
                        .mapToLong(LocalNode::pid)
                        .findFirst();
    }
}
