// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import io.varve.metadata.command.BrokerRef;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/** Contacts in a map. As thread-safe as the map is. */
public final class ContactTimes implements Contacts {

    private final Map<BrokerRef, Long> nanos;

    /** For those that only the controller's loop notes. */
    public ContactTimes() {
        this(new LinkedHashMap<>());
    }

    /** @param nanos taken over */
    public ContactTimes(Map<BrokerRef, Long> nanos) {
        this.nanos = nanos;
    }

    @Override
    public void touch(BrokerRef broker, long at) {
        nanos.merge(broker, at, (a, b) -> a - b > 0 ? a : b);
    }

    @Override
    public OptionalLong last(BrokerRef broker) {
        var at = nanos.get(broker);
        return at == null ? OptionalLong.empty() : OptionalLong.of(at);
    }

    @Override
    public void shift(long byNanos) {
        nanos.replaceAll((broker, at) -> at + byNanos);
    }

    @Override
    public void reset(Collection<BrokerRef> brokers, long at) {
        nanos.clear();
        brokers.forEach(b -> touch(b, at));
    }

    @Override
    public void retain(Collection<BrokerRef> brokers) {
        nanos.keySet().retainAll(brokers);
    }
}
