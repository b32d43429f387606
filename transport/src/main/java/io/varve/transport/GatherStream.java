// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * A serialized message for gRPC's framer, as {@link MessageStream}, with a payload of many buffers.
 *
 * <p>Holds a reference to each from construction to {@link #close}. *Confined to the thread that frames.*
 */
final class GatherStream extends InputStream implements Drainable, KnownLength {
    private final byte[] header;
    private final int headerBytes;
    private final ByteBuf[] parts;
    private int headerAt;
    private int part; // that is read next
    private int partAt; // within it
    private int remaining;
    private boolean closed;

    GatherStream(byte[] header, int headerBytes, List<ByteBuf> payload) {
        this.header = header;
        this.headerBytes = headerBytes;
        this.parts = new ByteBuf[payload.size()];
        this.remaining = headerBytes;
        for (int i = 0; i < parts.length; i++) {
            parts[i] = payload.get(i).retain();
            remaining += parts[i].readableBytes();
        }
    }

    @Override
    public int available() {
        return remaining;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
        int drained = remaining;
        target.write(header, headerAt, headerBytes - headerAt);
        headerAt = headerBytes;
        for (; part < parts.length; part++, partAt = 0) {
            ByteBuf buffer = parts[part];
            MessageStream.write(target, buffer, buffer.readerIndex() + partAt, buffer.readableBytes() - partAt);
        }
        remaining = 0;
        return drained;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (remaining == 0) {
            return -1;
        }
        int n;
        if (headerAt < headerBytes) {
            n = Math.min(length, headerBytes - headerAt);
            System.arraycopy(header, headerAt, target, offset, n);
            headerAt += n;
        } else {
            while (partAt == parts[part].readableBytes()) {
                part++;
                partAt = 0;
            }
            ByteBuf buffer = parts[part];
            n = Math.min(length, buffer.readableBytes() - partAt);
            buffer.getBytes(buffer.readerIndex() + partAt, target, offset, n);
            partAt += n;
        }
        remaining -= n;
        return n;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            for (ByteBuf buffer : parts) {
                buffer.release();
            }
        }
    }
}
