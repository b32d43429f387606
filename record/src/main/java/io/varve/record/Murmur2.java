// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

/** The hash by which Kafka's clients choose a partition for a key, so that both kinds of client put a key in the same place. <i>Thread-safe.</i> */
public final class Murmur2 {
    private static final int SEED = 0x9747b28c;
    private static final int MULTIPLIER = 0x5bd1e995;
    private static final int ROTATION = 24;

    private Murmur2() {}

    /** 32-bit MurmurHash2 with Kafka's seed; may be negative, see {@link #toPositive}. */
    public static int hash(byte[] data) {
        int length = data.length;
        int h = SEED ^ length;
        int wholeWords = length & ~3;
        for (int i = 0; i < wholeWords; i += 4) {
            int k = (data[i] & 0xff)
                    | (data[i + 1] & 0xff) << 8
                    | (data[i + 2] & 0xff) << 16
                    | (data[i + 3] & 0xff) << 24;
            k *= MULTIPLIER;
            k ^= k >>> ROTATION;
            h = h * MULTIPLIER ^ k * MULTIPLIER;
        }
        int rest = length - wholeWords;
        if (rest > 0) {
            for (int i = 0; i < rest; i++) {
                h ^= (data[wholeWords + i] & 0xff) << 8 * i;
            }
            h *= MULTIPLIER;
        }
        h ^= h >>> 13;
        h *= MULTIPLIER;
        return h ^ h >>> 15;
    }

    /** Clears the sign bit. Not {@code abs}, which differs and fails for {@link Integer#MIN_VALUE}. */
    public static int toPositive(int hash) {
        return hash & Integer.MAX_VALUE;
    }

    /** The partition, 0 to {@code partitions - 1}, of a key. */
    public static int partitionOf(byte[] key, int partitions) {
        return toPositive(hash(key)) % partitions;
    }
}
