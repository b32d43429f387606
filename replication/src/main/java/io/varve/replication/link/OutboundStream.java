// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import io.varve.replication.protocol.PeerStream;

/** One stream of a {@link PeerLink}: which attempt it is at, and how far that has got. *Confined* to the link. */
final class OutboundStream {
    final PeerStream kind;
    StreamState state = StreamState.DOWN;
    long streamId;
    long aheadBytes; // written since the transport last said that it takes more
    boolean isProbed; // a pulse is unanswered on it: bulk streams only
    long probeNanos; // when the last one was written

    OutboundStream(PeerStream kind) {
        this.kind = kind;
    }

    void begin(long id) {
        streamId = id;
        state = StreamState.CONNECTING;
        aheadBytes = 0;
        isProbed = false;
    }

    boolean isCurrent(long id) {
        return streamId == id && state != StreamState.DOWN;
    }

    boolean isAt(long id, StreamState expected) {
        return streamId == id && state == expected;
    }
}
