// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

/**
 * What a pass of compaction may do.
 *
 * @param nowMillis the wall clock, milliseconds since 1970
 * @param highWatermark nothing at or above it is looked at
 * @param keyMapBytes heap for the map of keys, see {@link CompactionPass}; a pass takes less if it needs less
 *     <p><i>immutable</i>
 */
public record CompactionRequest(long nowMillis, long highWatermark, long keyMapBytes) {
    /** Enough for the keys of any batch of ordinary size. */
    public static final long KEY_MAP_BYTES_MIN = 64 << 10;

    /** Map bytes that one key takes. */
    public static final int BYTES_PER_KEY = 30;

    public CompactionRequest {
        if (nowMillis < 0 || highWatermark < 0 || keyMapBytes < KEY_MAP_BYTES_MIN) {
            throw new IllegalArgumentException("compaction at " + nowMillis + " below " + highWatermark + " with "
                    + keyMapBytes + " bytes for keys, at least " + KEY_MAP_BYTES_MIN);
        }
    }
}
