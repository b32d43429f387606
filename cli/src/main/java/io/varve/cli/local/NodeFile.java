// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** The configuration that a local node is started with. Written once: from then on it is the user's. Stateless. */
final class NodeFile {
    private NodeFile() {}

    /** @param voters of the cluster; a node that is alone need not be told */
    static String text(LocalNode node, Path data, List<LocalNode> voters) {
        NodeAddresses addresses = node.addresses();
        String text = """
                # Written by `varve local up`, which does not touch it again: change what you like.
                node.id: %d
                storage.directories: [%s]
                listeners:
                  - name: local
                    bind: 127.0.0.1:%d
                    advertised: localhost:%d
                peer.bind: 127.0.0.1:%d
                raft.bind: 127.0.0.1:%d
                http.bind: 127.0.0.1:%d
                """.formatted(
                        node.id(),
                        quoted(data.toString()),
                        addresses.publicPort(),
                        addresses.publicPort(),
                        addresses.peerPort(),
                        addresses.raftPort(),
                        addresses.httpPort());
        return voters.equals(List.of(node)) ? text : text + "quorum.voters: [" + voters(voters) + "]\n";
    }

    private static String voters(List<LocalNode> voters) {
        return voters.stream()
                .map(voter -> quoted("%d@127.0.0.1:%d:%d"
                        .formatted(
                                voter.id(),
                                voter.addresses().raftPort(),
                                voter.addresses().peerPort())))
                .collect(Collectors.joining(", "));
    }

    /** A double-quoted YAML scalar. */
    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
