// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.client;

/**
 * The machine that a simulated client runs on: its clock, its chance, its timers, its network. Everything that a client
 * gets from it comes as an event of its own, never from within a call.
 */
public interface ClientHost {
    /** Monotonic, of this machine. */
    long nowNanos();

    /** Of the wall clock of this machine. */
    long nowMillis();

    /** From 0 to {@code bound} - 1; {@code bound} is at least 1. */
    int chance(int bound);

    /** Runs later on this machine; not at all when the machine is stopped before. */
    void after(long nanos, Runnable event);

    /** Dials a node; {@link Connection.Events#up} or {@link Connection.Events#down} follows. */
    Connection connect(int node, Connection.Events events);
}
