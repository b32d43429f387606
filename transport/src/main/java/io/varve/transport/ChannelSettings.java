// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import java.time.Duration;

/**
 * How a client or a node connects to a node. *Immutable.*
 *
 * @param maxInboundMessageBytes a larger answer ends its call with RESOURCE_EXHAUSTED
 * @param flowControlWindowBytes what the node may send ahead on each stream, and on the connection
 * @param connectTimeout for TCP
 * @param keepAlive how long a silent connection is left alone before it is asked whether it lives; not below the
 *     server's permit
 * @param keepAliveTimeout an answer that has not come by then ends the connection
 * @param userAgent program and version
 */
public record ChannelSettings(
        int maxInboundMessageBytes,
        int flowControlWindowBytes,
        Duration connectTimeout,
        Duration keepAlive,
        Duration keepAliveTimeout,
        String userAgent) {
    public ChannelSettings {
        Limits.atLeast("maxInboundMessageBytes", maxInboundMessageBytes, 1);
        Limits.atLeast("flowControlWindowBytes", flowControlWindowBytes, 64 << 10);
        Limits.positive("connectTimeout", connectTimeout);
        Limits.positive("keepAlive", keepAlive);
        Limits.positive("keepAliveTimeout", keepAliveTimeout);
    }

    /**
     * @param maxMessageBytes the largest payload that a node sends in one message
     * @param userAgent program and version, such as `varve-java/0.1.0`
     */
    public static ChannelSettings forMessagesUpTo(int maxMessageBytes, String userAgent) {
        return new ChannelSettings(
                maxMessageBytes + ServerSettings.MESSAGE_OVERHEAD_BYTES,
                4 << 20,
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                userAgent);
    }
}
