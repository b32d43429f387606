// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.runtime;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.controller.Contacts;
import java.util.Collection;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/** Contacts that every thread may note. *Thread-safe.* */
final class SharedContacts implements Contacts {

    private final ConcurrentHashMap<BrokerRef, Long> nanos = new ConcurrentHashMap<>();

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
