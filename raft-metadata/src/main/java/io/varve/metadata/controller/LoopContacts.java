// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import io.varve.metadata.command.BrokerRef;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/** Contacts that only the controller's loop notes. *Confined to it.* */
public final class LoopContacts implements Contacts {

    private final Map<BrokerRef, Long> nanos = new LinkedHashMap<>();

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
        brokers.forEach(b -> nanos.put(b, at));
    }

    @Override
    public void retain(Collection<BrokerRef> brokers) {
        nanos.keySet().retainAll(brokers);
    }
}
