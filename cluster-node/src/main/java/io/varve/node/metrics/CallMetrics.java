// SPDX-License-Identifier: Apache-2.0
package io.varve.node.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.varve.node.api.CallObserver;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Calls, messages and bytes of record batches, by method. <i>Thread-safe.</i> */
public final class CallMetrics implements CallObserver {

    private final MeterRegistry registry;
    private final Map<String, MethodCounters> methods = new ConcurrentHashMap<>();
    private final Map<String, Counter> ended = new ConcurrentHashMap<>();

    public CallMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** One method's counters, so that a message costs one look-up. */
    private record MethodCounters(
            AtomicInteger open, Counter received, Counter receivedBytes, Counter sent, Counter sentBytes) {}

    @Override
    public void started(String method) {
        of(method).open().incrementAndGet();
    }

    @Override
    public void received(String method, int payloadBytes) {
        MethodCounters counters = of(method);
        counters.received().increment();
        counters.receivedBytes().increment(payloadBytes);
    }

    @Override
    public void sent(String method, int payloadBytes) {
        MethodCounters counters = of(method);
        counters.sent().increment();
        counters.sentBytes().increment(payloadBytes);
    }

    @Override
    public void ended(String method, String status) {
        of(method).open().decrementAndGet();
        ended.computeIfAbsent(
                        method + " " + status,
                        key -> Counter.builder("varve.calls")
                                .description("calls that ended")
                                .tags("method", method, "status", status)
                                .register(registry))
                .increment();
    }

    private MethodCounters of(String method) {
        // Only methods that exist come here, so the map does not grow with what strangers ask for.
        return methods.computeIfAbsent(method, name -> {
            AtomicInteger open = new AtomicInteger();
            Gauge.builder("varve.calls.open", open, AtomicInteger::get)
                    .description("calls and streams under way")
                    .tag("method", name)
                    .register(registry);
            return new MethodCounters(
                    open,
                    counter("varve.messages.received", "messages from clients", name),
                    counter("varve.batches.received.bytes", "bytes of record batches from clients", name),
                    counter("varve.messages.sent", "messages to clients", name),
                    counter("varve.batches.sent.bytes", "bytes of record batches to clients", name));
        });
    }

    private Counter counter(String name, String meaning, String method) {
        return Counter.builder(name).description(meaning).tag("method", method).register(registry);
    }
}
