// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import java.io.OutputStream;
import java.util.Arrays;

/** A growing array with a limit that no single allocation exceeds. Confined to one thread. */
final class ByteSink extends OutputStream {
    private static final int INITIAL_BYTES_MIN = 64;

    private final int limit;
    // 0 <= size <= bytes.length <= limit
    private byte[] bytes;
    private int size;

    ByteSink(int expectedBytes, int limit) {
        this.limit = limit;
        this.bytes = new byte[Math.min(limit, Math.max(INITIAL_BYTES_MIN, expectedBytes))];
    }

    int size() {
        return size;
    }

    /** What the limit leaves. */
    int room() {
        return limit - size;
    }

    /** The memory, valid up to {@link #size}; another one after {@link #reserve}. */
    byte[] array() {
        return bytes;
    }

    /** Makes room for {@code count} bytes behind {@link #size}, to be claimed with {@link #skip}. */
    void reserve(int count) {
        if (count > limit - size) {
            throw new InvalidBatchException(
                    BatchCheck.Kind.TOO_LARGE, "records of more than " + limit + " bytes once decompressed");
        }
        if (count > bytes.length - size) {
            long doubled = Math.max((long) size + count, 2L * bytes.length);
            bytes = Arrays.copyOf(bytes, (int) Math.min(doubled, limit));
        }
    }

    /** Claims bytes that are there already, or that the caller fills later. */
    void skip(int count) {
        reserve(count);
        size += count;
    }

    @Override
    public void write(int b) {
        reserve(1);
        bytes[size++] = (byte) b;
    }

    @Override
    public void write(byte[] source, int at, int count) {
        reserve(count);
        System.arraycopy(source, at, bytes, size, count);
        size += count;
    }

    void writeIntLittleEndian(int value) {
        write(value);
        write(value >>> 8);
        write(value >>> 16);
        write(value >>> 24);
    }

    void writeIntBigEndian(int value) {
        writeIntLittleEndian(Integer.reverseBytes(value));
    }
}
