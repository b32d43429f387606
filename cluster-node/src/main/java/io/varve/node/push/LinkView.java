// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

/**
 * A link at one moment. <i>Immutable.</i>
 *
 * @param lastFailure why a stream of it ended last; empty while it is up
 * @param queuedBytes that wait for the transport or for credit
 * @param dataInFlightBytes handed to the transport and not answered
 * @param catchUpInFlightBytes the same on the catch-up stream
 */
public record LinkView(
        int nodeId,
        boolean up,
        String lastFailure,
        long queuedBytes,
        long dataInFlightBytes,
        long catchUpInFlightBytes) {}
