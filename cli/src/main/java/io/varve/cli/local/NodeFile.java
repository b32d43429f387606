// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import java.nio.file.Path;

/** The configuration that a local node is started with. Written once: from then on it is the user's. Stateless. */
final class NodeFile {
    private NodeFile() {}

    static String text(int id, Path data, NodeAddresses addresses) {
        return """
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
                        id,
                        quoted(data.toString()),
                        addresses.publicPort(),
                        addresses.publicPort(),
                        addresses.peerPort(),
                        addresses.raftPort(),
                        addresses.httpPort());
    }

    /** A double-quoted YAML scalar. */
    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
