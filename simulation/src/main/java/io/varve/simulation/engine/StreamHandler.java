// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

/**
 * One end's owner. Called in events of its own node, never while the node's process is paused, and never after the process ended.
 */
public interface StreamHandler {
    /** Why a stream ended. */
    enum Closed {
        /** There is a machine, but nobody listens. Only instead of {@link #onOpen}. */
        REFUSED,
        /** Nobody answered the dial for half a minute. Only instead of {@link #onOpen}. */
        TIMED_OUT,
        /** The other end was closed by its owner, after everything that it sent was delivered or dropped. */
        BY_PEER,
        /** The connection broke, or the other process ended. */
        RESET
    }

    /** Only at the end that dialled: the other one has accepted. It may send before that. */
    default void onOpen() {}

    /** The receiver owns the payload, as {@link Transfer#deliver} made it. */
    void onMessage(Object payload);

    /** There is room again: {@link NetStream#ready} had answered false. */
    default void onReady() {}

    /** Once, and nothing after it. Not called for a stream that this end closed itself. */
    void onClosed(Closed why);
}
