// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import io.grpc.HasByteBuffer;
import io.grpc.KnownLength;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A message as gRPC presents it: several buffers of the transport, cut anywhere. */
final class ChunkedStream extends InputStream implements KnownLength, HasByteBuffer {
    private final Deque<ByteBuffer> chunks = new ArrayDeque<>();
    private final boolean buffersSupported;

    ChunkedStream(byte[] message, Random random, boolean buffersSupported) {
        this.buffersSupported = buffersSupported;
        int at = 0;
        while (at < message.length) {
            int n = Math.min(message.length - at, 1 + random.nextInt(random.nextBoolean() ? 8 : 20_000));
            chunks.add(ByteBuffer.wrap(Arrays.copyOfRange(message, at, at + n)));
            at += n;
        }
    }

    /** The same message as one of the kinds of stream that a marshaller may meet. */
    static InputStream any(byte[] message, Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> new ChunkedStream(message, random, true);
            case 1 -> new ChunkedStream(message, random, false);
            default -> new UnknownLength(new ChunkedStream(message, random, false));
        };
    }

    @Override
    public int available() {
        return chunks.stream().mapToInt(ByteBuffer::remaining).sum();
    }

    @Override
    public int read() {
        ByteBuffer next = getByteBuffer();
        return next == null ? -1 : chunks.element().get() & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        ByteBuffer next = getByteBuffer();
        if (next == null) {
            return length == 0 ? 0 : -1;
        }
        int n = Math.min(length, next.remaining());
        chunks.element().get(target, offset, n);
        return n;
    }

    @Override
    public long skip(long count) {
        long left = count;
        while (left > 0 && getByteBuffer() != null) {
            ByteBuffer head = chunks.element();
            int n = (int) Math.min(left, head.remaining());
            head.position(head.position() + n);
            left -= n;
        }
        return count - left;
    }

    @Override
    public boolean byteBufferSupported() {
        return buffersSupported;
    }

    @Override
    public @Nullable ByteBuffer getByteBuffer() {
        while (!chunks.isEmpty() && !chunks.element().hasRemaining()) {
            chunks.remove();
        }
        return chunks.isEmpty() ? null : chunks.element().slice();
    }

    /** As of a compressed message. */
    private static final class UnknownLength extends InputStream {
        private final InputStream in;

        UnknownLength(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            return in.read();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return in.read(target, offset, length);
        }
    }
}
