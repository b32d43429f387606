// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import io.grpc.HasByteBuffer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.FastThreadLocal;
import io.varve.proto.v1.ErrorReason;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * Copies a payload out of a message, once, into a buffer of exactly its size. *Thread-safe.*
 */
final class PayloadReader {
    private static final int BOUNCE_BYTES = 16 << 10;

    /** Only for streams that neither give their buffers away nor meet a heap target: compressed messages, mostly. */
    private static final FastThreadLocal<byte[]> BOUNCE = new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
            return new byte[BOUNCE_BYTES];
        }
    };

    private final ByteBufAllocator allocator;
    private final int maxPayloadBytes;

    PayloadReader(ByteBufAllocator allocator, int maxPayloadBytes) {
        if (maxPayloadBytes < 1) {
            throw new IllegalArgumentException("limit of " + maxPayloadBytes + " bytes, at least 1 is needed");
        }
        this.allocator = allocator;
        this.maxPayloadBytes = maxPayloadBytes;
    }

    /**
     * Reads the next {@code length} bytes of the stream. The caller owns the result; on failure nothing is left behind.
     *
     * @param length not negative; a length above the limit is refused before anything is allocated
     */
    ByteBuf read(InputStream in, int length) throws IOException {
        if (length > maxPayloadBytes) {
            throw Malformed.refused(
                    ErrorReason.ERROR_REASON_MESSAGE_TOO_LARGE,
                    "a payload of " + length + " bytes is above the limit of " + maxPayloadBytes + " bytes",
                    Map.of("actual", Integer.toString(length), "limit", Integer.toString(maxPayloadBytes)));
        }
        if (length == 0) {
            return Unpooled.EMPTY_BUFFER;
        }
        ByteBuf payload = allocate(length);
        boolean complete = false;
        try {
            copy(in, length, payload);
            complete = true;
            return payload;
        } finally {
            if (!complete) {
                payload.release();
            }
        }
    }

    private ByteBuf allocate(int length) {
        try {
            return allocator.buffer(length, length);
        } catch (OutOfMemoryError e) {
            // Netty's limit on direct memory, or the JVM's: this call fails, the node goes on.
            throw Malformed.refused(
                    ErrorReason.ERROR_REASON_THROTTLING_QUOTA_EXCEEDED,
                    "no memory for a payload of " + length + " bytes",
                    Map.of("actual", Integer.toString(length)));
        }
    }

    private static void copy(InputStream in, int length, ByteBuf payload) throws IOException {
        if (in instanceof HasByteBuffer buffers && buffers.byteBufferSupported()) {
            copyFromBuffers(in, length, payload);
        } else if (payload.hasArray()) {
            copyToArray(in, length, payload);
        } else {
            copyByBounce(in, length, payload);
        }
    }

    /** The transport's own buffers, one after another: no bytes touch the heap. */
    private static void copyFromBuffers(InputStream in, int length, ByteBuf payload) throws IOException {
        int left = length;
        while (left > 0) {
            ByteBuffer next = ((HasByteBuffer) in).getByteBuffer();
            if (next == null || !next.hasRemaining()) {
                throw truncated(length, left);
            }
            int n = Math.min(left, next.remaining());
            next.limit(next.position() + n);
            payload.writeBytes(next);
            if (in.skip(n) != n) {
                throw truncated(length, left);
            }
            left -= n;
        }
    }

    private static void copyToArray(InputStream in, int length, ByteBuf payload) throws IOException {
        int n = in.readNBytes(payload.array(), payload.arrayOffset() + payload.writerIndex(), length);
        if (n != length) {
            throw truncated(length, length - n);
        }
        payload.writerIndex(payload.writerIndex() + length);
    }

    private static void copyByBounce(InputStream in, int length, ByteBuf payload) throws IOException {
        byte[] bounce = BOUNCE.get();
        int left = length;
        while (left > 0) {
            int n = in.read(bounce, 0, Math.min(left, bounce.length));
            if (n <= 0) {
                throw truncated(length, left);
            }
            payload.writeBytes(bounce, 0, n);
            left -= n;
        }
    }

    private static EOFException truncated(int length, int left) {
        return new EOFException("ends " + left + " bytes before the end of a payload of " + length + " bytes");
    }
}
