// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import io.varve.simulation.engine.StreamHandler.Closed;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection: ordered and without loss while both ends live, like TCP. That an end is open does not mean that the other one is.
 */
public final class NetStream {
    private final Network network;
    private final NodeProcess process;
    private long incarnation;
    private final StreamKind kind;
    private final int peer;
    private @Nullable StreamHandler handler;
    private @Nullable Pipe out;
    private @Nullable NetStream other;
    private boolean closed;
    private boolean wantsRoom;

    NetStream(Network network, NodeProcess process, StreamKind kind, int peer) {
        this.network = network;
        this.process = process;
        this.incarnation = process.incarnation();
        this.kind = kind;
        this.peer = peer;
    }

    void connect(NetStream otherEnd, Pipe outgoing) {
        other = otherEnd;
        out = outgoing;
    }

    /** It belongs to the process that is there now. */
    void bind() {
        incarnation = process.incarnation();
    }

    void handle(StreamHandler by) {
        handler = by;
    }

    public StreamKind kind() {
        return kind;
    }

    /** The node at this end. */
    public int node() {
        return process.node();
    }

    /** The node at the other end. */
    public int peer() {
        return peer;
    }

    NodeProcess process() {
        return process;
    }

    boolean isAccepted() {
        return handler != null;
    }

    /** Whether this end is closed, or its process is gone. */
    public boolean isClosed() {
        return closed || !process.alive() || process.incarnation() != incarnation;
    }

    /** Hands a payload over. It is lost if this end is closed, and it may be lost later. */
    public void send(Object payload) {
        if (isClosed()) {
            network.transfer().lose(payload);
        } else {
            out().send(payload);
        }
    }

    /** Bytes sent and not yet delivered. */
    public long queuedBytes() {
        return out().queuedBytes();
    }

    /** Whether there is room for more. If not, {@link StreamHandler#onReady} comes later. Sending is possible anyway. */
    public boolean ready() {
        if (out().queuedBytes() < network.windowBytes()) {
            return true;
        }
        wantsRoom = true;
        return false;
    }

    /** Closes this end: nothing is heard any more. Of what was sent, all still arrives, or only the first part. Idempotent. */
    public void close() {
        if (!isClosed()) {
            closed = true;
            network.closed(this);
        }
    }

    // ---- what the network does to it

    Pipe out() {
        if (out == null) {
            throw new IllegalStateException("not connected");
        }
        return out;
    }

    NetStream other() {
        if (other == null) {
            throw new IllegalStateException("not connected");
        }
        return other;
    }

    void receive(Object payload) {
        if (handler == null) {
            throw new IllegalStateException("a message before the stream was accepted");
        }
        handler.onMessage(payload);
    }

    void opened() {
        if (!isClosed() && handler != null) {
            handler.onOpen();
        }
    }

    void drained() {
        if (wantsRoom && !isClosed() && out().queuedBytes() < network.windowBytes() / 2) {
            wantsRoom = false;
            process.post("room on " + kind, null, () -> {
                if (!isClosed() && handler != null) {
                    handler.onReady();
                }
            });
        }
    }

    /** The other end, or the network, ended it. */
    void ended(Closed why) {
        ended(why, 0);
    }

    /** Of what is under way from here, the first {@code kept} things still arrive. */
    void ended(Closed why, int kept) {
        if (isClosed()) {
            return;
        }
        if (process.paused()) {
            process.whenResumed(() -> ended(why, kept));
            return;
        }
        closed = true;
        out().cutAfter(kept);
        network.forget(this);
        if (handler != null) {
            handler.onClosed(why);
        }
    }

    @Override
    public String toString() {
        return kind + " stream of node " + node() + " with node " + peer + (isClosed() ? ", closed" : "");
    }
}
