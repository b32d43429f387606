// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.CompactionRequest;

/**
 * The highest offset of each key, by its hash: one array, open addressing, as many keys as its bytes allow and not one more. No object per key.
 *
 * <p><i>confined to one thread</i>
 */
final class KeyMap {
    static final long ABSENT = -1;

    private static final int SLOT_LONGS = 3;
    private static final int SLOT_BYTES = SLOT_LONGS * Long.BYTES;

    // per slot: the hash's halves, both 0 when it is free, and the offset
    private final long[] slots;
    private final int capacity;
    private final long mostKeys;
    private long keys;

    KeyMap(long bytes) {
        capacity = (int) Math.min(bytes / SLOT_BYTES, Integer.MAX_VALUE / SLOT_LONGS - 1);
        slots = new long[capacity * SLOT_LONGS];
        mostKeys = Math.min(bytes / CompactionRequest.BYTES_PER_KEY, capacity - 1L);
    }

    long keys() {
        return keys;
    }

    /** Notes an offset of a key unless a higher one is known; false, and nothing is noted, if the key is new and the map is full. */
    boolean put(KeyHash hash, long offset) {
        int at = find(hash);
        if (isFree(at)) {
            if (keys == mostKeys) {
                return false;
            }
            keys++;
            slots[at] = hash.high();
            slots[at + 1] = low(hash);
            slots[at + 2] = offset;
        } else {
            slots[at + 2] = Math.max(slots[at + 2], offset);
        }
        return true;
    }

    /** The highest offset noted, {@link #ABSENT} if none was. */
    long get(KeyHash hash) {
        int at = find(hash);
        return isFree(at) ? ABSENT : slots[at + 2];
    }

    private int find(KeyHash hash) {
        long high = hash.high();
        long low = low(hash);
        int slot = (int) Math.multiplyHigh(high >>> 1, (long) capacity << 1);
        while (true) {
            int at = slot * SLOT_LONGS;
            if (isFree(at) || (slots[at] == high && slots[at + 1] == low)) {
                return at;
            }
            slot = slot + 1 == capacity ? 0 : slot + 1;
        }
    }

    private boolean isFree(int at) {
        return slots[at] == 0 && slots[at + 1] == 0;
    }

    private static long low(KeyHash hash) {
        return hash.low() == 0 ? 1 : hash.low();
    }
}
