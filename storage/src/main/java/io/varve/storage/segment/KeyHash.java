// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * MurmurHash3 (x64, 128 bits) of a key. Keys with the same hash are taken for the same key: among 10^9 keys of a log the odds are below 10^-20. It is
 * not proof against whoever makes keys collide on purpose; such a one may write to the topic, and could as well write the other's key.
 *
 * <p><i>confined to one thread</i>
 */
final class KeyHash {
    private static final long C1 = 0x87c37b91114253d5L;
    private static final long C2 = 0x4cf5ad432745937fL;
    private static final int BLOCK_BYTES = 16;

    private long high;
    private long low;

    long high() {
        return high;
    }

    long low() {
        return low;
    }

    /** Computes the hash of {@code length} bytes from {@code at} on. */
    void of(ByteBuffer memory, int at, int length) {
        boolean swap = memory.order() == ByteOrder.BIG_ENDIAN;
        long h1 = 0;
        long h2 = 0;
        int end = at + length;
        int i = at;
        for (; end - i >= BLOCK_BYTES; i += BLOCK_BYTES) {
            long k1 = memory.getLong(i);
            long k2 = memory.getLong(i + Long.BYTES);
            h1 ^= mixFirst(swap ? Long.reverseBytes(k1) : k1);
            h1 = (Long.rotateLeft(h1, 27) + h2) * 5 + 0x52dce729;
            h2 ^= mixSecond(swap ? Long.reverseBytes(k2) : k2);
            h2 = (Long.rotateLeft(h2, 31) + h1) * 5 + 0x38495ab5;
        }
        long k1 = tail(memory, i, Math.min(end, i + Long.BYTES));
        long k2 = tail(memory, i + Long.BYTES, end);
        h2 ^= mixSecond(k2);
        h1 ^= mixFirst(k1);
        h1 ^= length;
        h2 ^= length;
        h1 += h2;
        h2 += h1;
        h1 = finish(h1);
        h2 = finish(h2);
        h1 += h2;
        high = h1;
        low = h2 + h1;
    }

    /** A number as a key. */
    void of(long number) {
        high = finish(number + C1);
        low = finish(number ^ C2);
    }

    private static long tail(ByteBuffer memory, int from, int end) {
        long k = 0;
        for (int i = end - 1; i >= from; i--) {
            k = k << Byte.SIZE | memory.get(i) & 0xffL;
        }
        return k;
    }

    private static long mixFirst(long k) {
        return Long.rotateLeft(k * C1, 31) * C2;
    }

    private static long mixSecond(long k) {
        return Long.rotateLeft(k * C2, 33) * C1;
    }

    private static long finish(long hash) {
        long h = hash;
        h ^= h >>> 33;
        h *= 0xff51afd7ed558ccdL;
        h ^= h >>> 33;
        h *= 0xc4ceb9fe1a85ec53L;
        return h ^ h >>> 33;
    }
}
