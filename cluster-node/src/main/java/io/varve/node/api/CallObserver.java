// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

/**
 * Hears of every call, on the thread that handles it: count and return. Payload bytes are those of record batches; 0
 * for other messages. <i>Thread-safe.</i>
 */
public interface CallObserver {

    /** Hears nothing. */
    CallObserver NONE = new CallObserver() {};

    default void started(String method) {}

    default void received(String method, int payloadBytes) {}

    default void sent(String method, int payloadBytes) {}

    /** @param status the gRPC status code's name; CANCELLED also when the connection was lost */
    default void ended(String method, String status) {}
}
