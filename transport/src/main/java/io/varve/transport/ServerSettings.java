// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import java.time.Duration;

/**
 * What a listener grants to whoever connects. *Immutable.*
 *
 * @param maxInboundMessageBytes a larger message ends its call with RESOURCE_EXHAUSTED: the largest batch and 64 KiB
 * @param flowControlWindowBytes what a client may send ahead on each stream, and on the connection
 * @param maxCallsPerConnection calls at once on one connection; with the window it bounds what a connection can pin
 * @param maxInboundMetadataBytes of a call's headers
 * @param handshakeTimeout a connection that has not begun to speak HTTP/2 by then is closed
 * @param permitKeepAlive pings that come closer together than this are abuse, and cost the connection
 * @param keepAlive how long a silent connection is left alone before it is asked whether it lives
 * @param maxResetsPerMinute streams that a client may cancel per connection and minute ("rapid reset")
 */
public record ServerSettings(
        int maxInboundMessageBytes,
        int flowControlWindowBytes,
        int maxCallsPerConnection,
        int maxInboundMetadataBytes,
        Duration handshakeTimeout,
        Duration permitKeepAlive,
        Duration keepAlive,
        int maxResetsPerMinute) {
    /** Room for a bulk message's other fields beside its payload. */
    public static final int MESSAGE_OVERHEAD_BYTES = 64 << 10;

    public ServerSettings {
        Limits.atLeast("maxInboundMessageBytes", maxInboundMessageBytes, 1);
        Limits.atLeast("flowControlWindowBytes", flowControlWindowBytes, 64 << 10);
        Limits.atLeast("maxCallsPerConnection", maxCallsPerConnection, 1);
        Limits.atLeast("maxInboundMetadataBytes", maxInboundMetadataBytes, 1 << 10);
        Limits.positive("handshakeTimeout", handshakeTimeout);
        Limits.positive("permitKeepAlive", permitKeepAlive);
        Limits.positive("keepAlive", keepAlive);
        Limits.atLeast("maxResetsPerMinute", maxResetsPerMinute, 1);
    }

    /** @param maxBatchBytes the largest batch that any topic of the node takes */
    public static ServerSettings forBatchesUpTo(int maxBatchBytes) {
        return new ServerSettings(
                maxBatchBytes + MESSAGE_OVERHEAD_BYTES,
                4 << 20,
                64,
                16 << 10,
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                1_000);
    }
}
