// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

/** Zigzag-coded integers of variable length, seven bits to a byte, least significant first. Reading is in {@link RecordCursor}. <i>Thread-safe.</i> */
final class Varints {
    static final int INT_BYTES_MAX = 5;
    static final int LONG_BYTES_MAX = 10;

    private Varints() {}

    static int sizeOf(long value) {
        long zigzag = value << 1 ^ value >> 63;
        // seven bits to a byte, at least one byte
        return (70 - Long.numberOfLeadingZeros(zigzag | 1)) / 7;
    }

    /** Writes {@code value} at {@code at} and returns the index after it. The same bytes for an int and for a long of that value. */
    static int put(byte[] target, int at, long value) {
        long rest = value << 1 ^ value >> 63;
        int i = at;
        while ((rest & ~0x7fL) != 0) {
            target[i++] = (byte) (rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        target[i++] = (byte) rest;
        return i;
    }

    static long unzigzag(long raw) {
        return raw >>> 1 ^ -(raw & 1);
    }
}
