// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

/**
 * What it means to carry a payload from one machine to another; payloads are opaque to the network. Whoever sends hands the payload over; exactly one of
 * {@link #deliver} and {@link #lose} is called for it, once.
 */
public interface Transfer {
    /** Nothing to copy, nothing to release: payloads are immutable values. */
    Transfer OF_VALUES = new Transfer() {
        @Override
        public Object deliver(Object payload) {
            return payload;
        }

        @Override
        public void lose(Object payload) {}

        @Override
        public int sizeBytes(Object payload) {
            return 100;
        }
    };

    /** Makes what the receiver gets, in memory of its own, and gives back what the sender handed over. */
    Object deliver(Object payload);

    /** Gives back what the sender handed over: it will not arrive. */
    void lose(Object payload);

    /** For bandwidth and for {@link NetStream#ready}. */
    int sizeBytes(Object payload);
}
