// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal;

/**
 * Where a node listens. <i>Immutable.</i>
 *
 * @param host a name or an address, IPv6 without brackets
 */
public record NodeAddress(String host, int port) {
    /**
     * Reads {@code host:port} or {@code [v6]:port}.
     *
     * @throws IllegalArgumentException for anything else, naming it
     */
    public static NodeAddress parse(String text) {
        String trimmed = text.trim();
        int colon = trimmed.lastIndexOf(':');
        String host = colon < 0 ? trimmed : trimmed.substring(0, colon);
        String port = colon < 0 ? "" : trimmed.substring(colon + 1);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed) {
            host = host.substring(1, host.length() - 1);
        }
        boolean portFits = port.matches("\\d{1,5}") && Integer.parseInt(port) >= 1 && Integer.parseInt(port) <= 65_535;
        boolean hostFits = !host.isEmpty()
                && (bracketed || !host.contains(":"))
                && host.chars().noneMatch(c -> c <= ' ' || c == '/' || c == '[' || c == ']');
        if (!portFits || !hostFits) {
            throw new IllegalArgumentException(
                    "bootstrap address '" + text + "' is not host:port, for example localhost:7171");
        }
        return new NodeAddress(host, Integer.parseInt(port));
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
