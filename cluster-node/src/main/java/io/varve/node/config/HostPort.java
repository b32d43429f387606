// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.net.InetSocketAddress;
import java.util.Set;

/**
 * A host (name, IPv4, or IPv6 without brackets) and a TCP port, 0 to 65535; port 0 lets the system choose one.
 * <i>Immutable.</i>
 */
public record HostPort(String host, int port) {

    private static final Set<String> WILDCARDS = Set.of("0.0.0.0", "::", "0:0:0:0:0:0:0:0");

    public HostPort {
        if (host.isBlank()) {
            throw new IllegalArgumentException("must name a host before the port");
        }
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("must have a port from 0 to 65535, but the port is " + port);
        }
    }

    /** Reads {@code host:port} or {@code [ipv6]:port}. */
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("must be HOST:PORT, but is '" + text + "'");
        }
        String host = text.substring(0, colon).strip();
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException(
                    "must have an IPv6 address in brackets, as in [::1]:7171, but is '" + text + "'");
        }
        return new HostPort(host, portOf(text.substring(colon + 1).strip(), text));
    }

    private static int portOf(String port, String text) {
        try {
            return Integer.parseInt(port);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("must be HOST:PORT with a number as port, but is '" + text + "'");
        }
    }

    /** The same host with another port. */
    public HostPort withPort(int other) {
        return new HostPort(host, other);
    }

    /** Whether it stands for every address of the machine: good to listen on, not to connect to. */
    public boolean isWildcard() {
        return WILDCARDS.contains(host);
    }

    /** Resolves the host now; the result may be unresolved. */
    public InetSocketAddress resolve() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
