// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import io.varve.metadata.command.BrokerRef;
import java.util.Collection;
import java.util.OptionalLong;

/**
 * When each registration was heard of last, in nanoseconds of one clock. Soft state of the active controller, never in
 * the log. Whoever implements it makes it thread-safe: heartbeats touch it directly, so that a busy controller loop
 * never makes a node look silent.
 */
public interface Contacts {

    /** Heard at this time. An older time than the last one changes nothing. */
    void touch(BrokerRef broker, long nanos);

    OptionalLong last(BrokerRef broker);

    /** The controller itself was away: nobody's silence counts for that time. */
    void shift(long byNanos);

    /** Starts over: exactly these were heard, all at this time. */
    void reset(Collection<BrokerRef> brokers, long nanos);

    /** Forgets everybody else. */
    void retain(Collection<BrokerRef> brokers);
}
