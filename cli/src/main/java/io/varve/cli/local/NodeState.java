// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.Locale;

/** What a local node is doing, as seen from outside. */
enum NodeState {
    /** Takes requests. */
    READY,
    /** The process is there, but does not say that it takes requests: it starts, stops or is in trouble. */
    NOT_READY,
    STOPPED;

    private static final int TIMEOUT_MILLIS = 2_000;

    static NodeState of(LocalNode node) {
        if (!node.isAlive()) {
            return STOPPED;
        }
        return isReady(node.addresses()) ? READY : NOT_READY;
    }

    private static boolean isReady(NodeAddresses addresses) {
        try {
            URI uri = URI.create("http://127.0.0.1:" + addresses.httpPort() + "/health/ready");
            HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
