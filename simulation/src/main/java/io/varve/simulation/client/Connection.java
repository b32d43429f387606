// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.client;

/** One connection of a client to a node. Requests arrive in order; answers carry the number of their request. */
public interface Connection {
    /**
     * Sends a request. What is sent on a connection that breaks may still arrive, later than what is sent on the next one.
     */
    void send(long number, ClientRequest request);

    /** Breaks it; {@link Events#down} follows, and nothing else. */
    void close();

    /** What comes back, each as an event of the client's machine. */
    interface Events {
        void up();

        void answered(long number, ClientAnswer answer);

        /** It could not be made, or broke. Nothing follows. */
        void down(String why);
    }
}
