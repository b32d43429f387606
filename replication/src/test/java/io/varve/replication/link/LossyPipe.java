// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import io.varve.replication.protocol.PeerStream;
import java.util.ArrayDeque;

/** One attempt at a stream, in memory: two directions in order, each end gone or not for itself, so that one may still deliver when the other has left. */
final class LossyPipe {
    final PeerStream kind;
    final long id;
    final ArrayDeque<PeerFrame> toInbox = new ArrayDeque<>();
    final ArrayDeque<PeerFrame> toLink = new ArrayDeque<>();
    boolean connecting = true;
    boolean linkLeft;
    boolean inboxLeft;
    boolean inboxClosing; // the link's end hears of it behind what was said before
    boolean isHalfOpen; // delivers nothing, says nothing
    boolean owesWritable;
    long aheadBytes;

    LossyPipe(PeerStream kind, long id) {
        this.kind = kind;
        this.id = id;
    }

    void release() {
        toInbox.forEach(PeerFrame::release);
        toInbox.clear();
        toLink.forEach(PeerFrame::release);
        toLink.clear();
    }
}
