// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

/**
 * What the core needs to know beforehand. <i>Immutable.</i>
 *
 * @param acknowledged false for acks=0: a batch is complete once it is on the stream
 * @param requestTimeoutNanos how long a stream may owe an answer
 * @param unknownTopicGraceNanos how long a topic may be missing from metadata, which is how young topics look
 */
public record CoreSettings(
        boolean idempotent,
        boolean acknowledged,
        int maxInFlight,
        long deliveryTimeoutNanos,
        long requestTimeoutNanos,
        long unknownTopicGraceNanos) {}
