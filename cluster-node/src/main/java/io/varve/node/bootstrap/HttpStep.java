// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.node.config.HostPort;
import io.varve.node.http.HttpEndpoint;
import io.varve.node.http.NodeHealth;
import io.varve.node.metrics.NodeMetrics;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Health and metrics come first: whoever waits for the node can read why it is not ready. */
final class HttpStep implements NodeStep {

    private static final String SETTING = "http.bind";

    private final HostPort bind;
    private final NodeHealth health;
    private final NodeMetrics metrics;
    private @Nullable HttpEndpoint endpoint;

    HttpStep(HostPort bind, NodeHealth health, NodeMetrics metrics) {
        this.bind = bind;
        this.health = health;
        this.metrics = metrics;
    }

    @Override
    public String name() {
        return "http";
    }

    @Override
    public void start() throws StartFailure {
        try {
            endpoint = HttpEndpoint.start(Addresses.resolve(SETTING, bind), health, metrics::scrape);
        } catch (IOException e) {
            throw Addresses.failure(SETTING, bind, e);
        }
    }

    /** Where it listens. */
    HostPort address() {
        return bind.withPort(Objects.requireNonNull(endpoint).port());
    }

    @Override
    public void stop() {
        if (endpoint != null) {
            endpoint.close();
        }
    }
}
