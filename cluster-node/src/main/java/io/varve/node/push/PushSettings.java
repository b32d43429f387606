// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import io.varve.replication.link.InboxSettings;
import io.varve.replication.link.LinkSettings;
import io.varve.transport.ChannelSettings;

/**
 * Times and bounds of push replication. <i>Immutable.</i>
 *
 * @param maxPayloadBytes the batches of one frame, at most
 * @param tickMillis how often links and inbox look at the clock
 * @param framesAhead frames of one stream that may have arrived and not been taken
 * @param channels for the connections
 */
public record PushSettings(
        LinkSettings link,
        InboxSettings inbox,
        int maxPayloadBytes,
        int tickMillis,
        int framesAhead,
        ChannelSettings channels) {

    /** Beside its batches a frame has up to as much again in messages that carry none. */
    private static final int HEAD_BYTES = 2 << 20;

    /**
     * @param maxBatchBytes the largest batch that any topic of the cluster takes
     * @param userAgent program and version
     */
    public static PushSettings forBatchesUpTo(int maxBatchBytes, String userAgent) {
        int frameBytes = LinkSettings.DEFAULT.limits().frameBytes();
        return new PushSettings(
                LinkSettings.DEFAULT,
                InboxSettings.DEFAULT,
                Math.max(maxBatchBytes, frameBytes),
                50,
                4,
                ChannelSettings.forMessagesUpTo(HEAD_BYTES, userAgent));
    }

    /** The largest message that a listener for such streams must let in. */
    public static int maxMessageBytes(int maxBatchBytes) {
        return Math.max(maxBatchBytes, LinkSettings.DEFAULT.limits().frameBytes()) + HEAD_BYTES;
    }
}
