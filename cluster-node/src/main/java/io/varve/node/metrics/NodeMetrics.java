// SPDX-License-Identifier: Apache-2.0
package io.varve.node.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.PooledByteBufAllocator;
import io.prometheus.metrics.model.registry.MultiCollector;

/** The node's registry, with the metrics of the process and the JVM in it. <i>Thread-safe.</i> */
public final class NodeMetrics implements AutoCloseable {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics gc = new JvmGcMetrics();

    public NodeMetrics(int nodeId, String version) {
        registry.gauge(
                "varve.node.info",
                java.util.List.of(
                        io.micrometer.core.instrument.Tag.of("node", Integer.toString(nodeId)),
                        io.micrometer.core.instrument.Tag.of("version", version)),
                1);
    }

    /** Adds the JVM's metrics. Takes a moment, so it is called when the node is up. */
    public void bindProcess() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        gc.bindTo(registry);
        registry.gauge("varve.buffers.pooled.bytes", PooledByteBufAllocator.DEFAULT.metric(), metric ->
                (double) metric.usedDirectMemory());
    }

    public MeterRegistry registry() {
        return registry;
    }

    /** Adds metrics that are made whenever somebody reads them. */
    public void collect(MultiCollector rows) {
        registry.getPrometheusRegistry().register(rows);
    }

    /** Everything as Prometheus text. */
    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        gc.close();
        registry.close();
    }
}
