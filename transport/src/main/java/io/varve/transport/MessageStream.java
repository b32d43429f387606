// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A serialized message for gRPC's framer: some header bytes, then the payload. Tells its exact size, so that the framer
 * takes one buffer, and writes itself into it.
 *
 * <p>Holds a reference to the payload from construction to {@link #close}. *Confined to the thread that frames.*
 */
final class MessageStream extends InputStream implements Drainable, KnownLength {
    private static final int BOUNCE_BYTES = 16 << 10;

    /** The framer takes arrays only: direct memory goes through this one, which stays in the first-level cache. */
    private static final FastThreadLocal<byte[]> BOUNCE = new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
            return new byte[BOUNCE_BYTES];
        }
    };

    private final byte[] header;
    private final int headerBytes;
    private final ByteBuf payload;
    private final int payloadIndex;
    private final int payloadBytes;
    /** Invariant: 0 <= position <= headerBytes + payloadBytes. */
    private int position;

    private boolean closed;

    MessageStream(byte[] header, int headerBytes, ByteBuf payload) {
        this.header = header;
        this.headerBytes = headerBytes;
        this.payload = payload.retain();
        this.payloadIndex = payload.readerIndex();
        this.payloadBytes = payload.readableBytes();
    }

    @Override
    public int available() {
        return headerBytes + payloadBytes - position;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
        int drained = available();
        if (position < headerBytes) {
            target.write(header, position, headerBytes - position);
            position = headerBytes;
        }
        int from = payloadIndex + position - headerBytes;
        write(target, payload, from, payloadIndex + payloadBytes - from);
        position = headerBytes + payloadBytes;
        return drained;
    }

    @Override
    public int read() {
        if (available() == 0) {
            return -1;
        }
        int at = position++;
        return at < headerBytes ? header[at] & 0xff : payload.getUnsignedByte(payloadIndex + at - headerBytes);
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (available() == 0) {
            return -1;
        }
        int n;
        if (position < headerBytes) {
            n = Math.min(length, headerBytes - position);
            System.arraycopy(header, position, target, offset, n);
        } else {
            n = Math.min(length, available());
            payload.getBytes(payloadIndex + position - headerBytes, target, offset, n);
        }
        position += n;
        return n;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            payload.release();
        }
    }

    /** Writes {@code length} bytes of a buffer from an absolute index on; its own indices stay. */
    static void write(OutputStream target, ByteBuf buffer, int from, int length) throws IOException {
        if (buffer.hasArray()) {
            target.write(buffer.array(), buffer.arrayOffset() + from, length);
            return;
        }
        byte[] bounce = BOUNCE.get();
        for (int done = 0; done < length; ) {
            int n = Math.min(bounce.length, length - done);
            buffer.getBytes(from + done, bounce, 0, n);
            target.write(bounce, 0, n);
            done += n;
        }
    }
}
