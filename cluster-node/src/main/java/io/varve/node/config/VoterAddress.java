// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

/**
 * A voter of the metadata quorum as the other nodes reach it, written {@code ID@HOST:RAFT_PORT:PEER_PORT}.
 * <i>Immutable.</i>
 *
 * @param raft where the voters of the quorum talk to each other
 * @param peer where it answers other nodes
 */
public record VoterAddress(int nodeId, HostPort raft, HostPort peer) {

    /** Reads {@code ID@HOST:RAFT_PORT:PEER_PORT}; throws IllegalArgumentException with the end of a sentence. */
    static VoterAddress parse(String text) {
        String stripped = text.strip();
        int at = stripped.indexOf('@');
        int colon = stripped.lastIndexOf(':');
        // An IPv6 address stands in brackets, so what is behind the last colon is a port or nothing is.
        int before = colon < 1 ? -1 : stripped.lastIndexOf(':', colon - 1);
        if (at < 1 || before < at || stripped.indexOf(']') > before) {
            throw new IllegalArgumentException("must be ID@HOST:RAFT_PORT:PEER_PORT, but is '" + text + "'");
        }
        return new VoterAddress(
                id(stripped.substring(0, at), text),
                HostPort.parse(stripped.substring(at + 1, colon)),
                HostPort.parse(stripped.substring(at + 1, before) + stripped.substring(colon)));
    }

    private static int id(String id, String text) {
        try {
            int parsed = Integer.parseInt(id);
            if (parsed >= 1) {
                return parsed;
            }
        } catch (NumberFormatException e) {
            // told as below
        }
        throw new IllegalArgumentException("must begin with a node id of at least 1, but is '" + text + "'");
    }

    @Override
    public String toString() {
        return nodeId + "@" + raft + ":" + peer.port();
    }
}
