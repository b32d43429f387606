// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.node.api.CallObserver;
import io.varve.node.api.PublicListener;
import io.varve.node.config.HostPort;
import io.varve.node.config.ListenerConfig;
import io.varve.node.config.NodeConfig;
import io.varve.transport.ServerFactory;
import io.varve.transport.ServerSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The public listeners: from here on clients are answered. */
final class ListenersStep implements NodeStep {

    /** Calls under way may finish within this time at shutdown. */
    private static final long DRAIN_MILLIS = 200;

    private final NodeConfig config;
    private final AddressesStep addresses;
    private final ThreadsStep threads;
    private final ServicesStep services;
    private final CallObserver observer;
    private final Map<ListenerConfig, PublicListener> listeners = new LinkedHashMap<>();

    ListenersStep(
            NodeConfig config,
            AddressesStep addresses,
            ThreadsStep threads,
            ServicesStep services,
            CallObserver observer) {
        this.observer = observer;
        this.config = config;
        this.addresses = addresses;
        this.threads = threads;
        this.services = services;
    }

    @Override
    public String name() {
        return "listeners";
    }

    @Override
    public void start() throws StartFailure {
        ServerFactory factory = new ServerFactory(
                threads.network(), ServerSettings.forBatchesUpTo(config.memory().maxBatchBytes()), threads.calls());
        for (ListenerConfig listener : addresses.listeners()) {
            String setting = "listeners." + listener.name();
            try {
                listeners.put(
                        listener,
                        PublicListener.start(
                                listener.name(),
                                Addresses.resolve(setting, listener.bind()),
                                services.set(),
                                factory,
                                observer));
            } catch (IOException e) {
                throw Addresses.failure(setting, listener.bind(), e);
            }
        }
    }

    /** Where each listener listens, for people. */
    String describe() {
        List<String> all = new ArrayList<>();
        listeners.keySet().forEach(listener -> all.add(listener.name() + " " + bound(listener.name())));
        return String.join(" ", all);
    }

    HostPort bound(String listenerName) {
        for (Map.Entry<ListenerConfig, PublicListener> entry : listeners.entrySet()) {
            if (entry.getKey().name().equals(listenerName)) {
                return entry.getKey().bind().withPort(entry.getValue().port());
            }
        }
        throw new IllegalArgumentException("no listener is called " + listenerName);
    }

    @Override
    public void stop() throws InterruptedException {
        listeners.values().forEach(PublicListener::drain);
        services.endStreams();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DRAIN_MILLIS);
        for (PublicListener listener : listeners.values()) {
            listener.awaitIdle(Math.max(0, deadline - System.nanoTime()));
        }
        for (PublicListener listener : listeners.values()) {
            listener.close();
        }
    }
}
