// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a local node listens, all on loopback and counted from one port. Immutable.
 *
 * @param portBase the public port; other nodes come to the one after it, the metadata quorum has the second after it, HTTP the ninth, and the rest up to that
 *     is kept free for the node's other ports
 */
record NodeAddresses(int portBase) {
    static final int DEFAULT_PORT_BASE = 7171;
    private static final int PEER = 1;
    private static final int RAFT = 2;
    private static final int HTTP = 9;

    static final int LAST_PORT_BASE = 65535 - HTTP;

    NodeAddresses {
        if (portBase < 1 || portBase > LAST_PORT_BASE) {
            throw new IllegalArgumentException("ports from " + portBase + " on");
        }
    }

    int publicPort() {
        return portBase;
    }

    int peerPort() {
        return portBase + PEER;
    }

    int raftPort() {
        return portBase + RAFT;
    }

    int httpPort() {
        return portBase + HTTP;
    }

    /** What clients are told. */
    String bootstrap() {
        return "localhost:" + publicPort();
    }

    /** Name and address of each listener, the public one first. */
    Map<String, String> all() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("public", bootstrap());
        all.put("peer", "127.0.0.1:" + peerPort());
        all.put("raft", "127.0.0.1:" + raftPort());
        all.put("http", "127.0.0.1:" + httpPort());
        return all;
    }

    Map<String, Integer> ports() {
        Map<String, Integer> ports = new LinkedHashMap<>();
        ports.put("public", publicPort());
        ports.put("peer", peerPort());
        ports.put("raft", raftPort());
        ports.put("http", httpPort());
        return ports;
    }
}
