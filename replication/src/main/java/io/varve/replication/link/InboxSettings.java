// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

/**
 * Bounds of an inbox. *Immutable.*
 *
 * @param parkNanos how long an Open may wait for the metadata that it speaks of
 * @param parkedMax Opens that wait; what exceeds it is refused as BUSY
 * @param greetingTimeoutNanos for a new stream to say who it is
 * @param ungreetedMax streams that have not said so yet
 * @param streamsPerPeerMax streams of one kind from one node: late ones of broken links among them; beyond it the oldest is closed
 * @param answersMax that wait for the end of a turn, per stream; a stream that exceeds it is closed
 */
public record InboxSettings(
        long parkNanos,
        int parkedMax,
        long greetingTimeoutNanos,
        int ungreetedMax,
        int streamsPerPeerMax,
        int answersMax) {
    public static final InboxSettings DEFAULT = new InboxSettings(500_000_000, 4096, 2_000_000_000L, 256, 8, 1 << 16);
}
