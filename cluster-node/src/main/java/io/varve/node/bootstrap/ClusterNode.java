// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.node.config.NodeConfig;
import io.varve.node.http.NodeHealth;
import io.varve.node.metrics.NodeMetrics;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node: the list of its steps, and what surrounds them. A process may run several, on different ports and
 * directories. <i>Thread-safe.</i>
 */
public final class ClusterNode implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterNode.class);

    private final NodeConfig config;
    private final NodeHealth health = new NodeHealth();
    private final NodeMetrics metrics;
    private final StepSequence steps;
    private final HttpStep http;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private ClusterNode(NodeConfig config) {
        this.config = config;
        this.metrics = new NodeMetrics(config.identity().id(), Version.CURRENT);
        this.http = new HttpStep(config.network().httpBind(), health, metrics);
        this.steps = new StepSequence(
                List.of(http), step -> health.report("start", "STARTING", "the node is starting: " + step));
    }

    /** A node that is not started. */
    public static ClusterNode of(NodeConfig config) {
        return new ClusterNode(config);
    }

    /**
     * Starts all parts; takes requests when it returns.
     *
     * @throws StartFailure when the operator can do something about it
     */
    public void start() throws Exception {
        if (!steps.start()) {
            return;
        }
        metrics.bindProcess();
        health.clear("start");
        LOG.info("node {} ready in {} ms: http {}", config.identity().id(), Uptime.millis(), http.address());
    }

    /** Stops all parts. Safe to call twice, during the start, and from any thread. */
    public void stop() {
        health.report("start", "STOPPING", "the node is shutting down");
        steps.stop();
        metrics.close();
        stopped.countDown();
    }

    /** Returns when the node has been stopped. */
    public void awaitStopped() throws InterruptedException {
        stopped.await();
    }

    /** The HTTP port that was bound. */
    public int httpPort() {
        return http.address().port();
    }

    @Override
    public void close() {
        stop();
    }
}
