// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import io.varve.metadata.command.BrokerRef;
import java.util.Collection;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When each registration was heard of last. Soft state of the active controller, never in the log. *Thread-safe*:
 * heartbeats touch it directly, so that a busy controller loop never makes a node look silent.
 */
public final class Contacts {

    private final ConcurrentHashMap<BrokerRef, Long> nanos = new ConcurrentHashMap<>();

    /** Heard now. */
    public void touch(BrokerRef broker, long nowNanos) {
        nanos.merge(broker, nowNanos, (a, b) -> a - b > 0 ? a : b);
    }

    OptionalLong last(BrokerRef broker) {
        var at = nanos.get(broker);
        return at == null ? OptionalLong.empty() : OptionalLong.of(at);
    }

    /** The controller itself was away: nobody's silence counts for that time. */
    void shift(long byNanos) {
        nanos.replaceAll((broker, at) -> at + byNanos);
    }

    /** Starts over: everybody here was heard at this time. */
    void reset(Collection<BrokerRef> brokers, long atNanos) {
        nanos.clear();
        brokers.forEach(b -> touch(b, atNanos));
    }

    void retain(Collection<BrokerRef> brokers) {
        nanos.keySet().retainAll(brokers);
    }
}
