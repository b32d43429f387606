// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.demo;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The records that one observer found in the order of the log, to be compared with the ledger: the consumer, or a look into
 * a replica's files. Confined to one thread; {@link #records} may be asked by any, the rest once that thread has ended.
 */
final class Sightings {
    private final byte[] times;
    private final int[] lastNumbers;
    private final int[] checksums;
    private final int[] partitions;
    private final long[] offsets;
    private final AtomicLong records = new AtomicLong();
    private long strangers;
    private long outOfOrder;

    Sightings(int records, int partitionCount) {
        times = new byte[records];
        checksums = new int[records];
        partitions = new int[records];
        offsets = new long[records];
        lastNumbers = new int[partitionCount];
        Arrays.fill(lastNumbers, -1);
    }

    /** The key that a record goes by. */
    static byte[] key(int number) {
        return String.valueOf(number).getBytes(StandardCharsets.US_ASCII);
    }

    /** A record was found, after all those with lower offsets in its partition. */
    void saw(int partition, long offset, byte @Nullable [] key, byte @Nullable [] value) {
        int number = number(key);
        if (number < 0 || value == null || partition >= lastNumbers.length) {
            strangers++;
        } else {
            // One that comes twice is a duplicate, and not in the wrong order besides.
            outOfOrder += times[number] == 0 && number < lastNumbers[partition] ? 1 : 0;
            lastNumbers[partition] = Math.max(number, lastNumbers[partition]);
            if (times[number] == 0) {
                checksums[number] = Ledger.checksum(value);
                partitions[number] = partition;
                offsets[number] = offset;
            }
            times[number] += times[number] < Byte.MAX_VALUE ? 1 : 0;
        }
        records.incrementAndGet();
    }

    private int number(byte @Nullable [] key) {
        if (key == null) {
            return -1;
        }
        try {
            int number = Integer.parseInt(new String(key, StandardCharsets.US_ASCII));
            return number < times.length ? number : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    long records() {
        return records.get();
    }

    int times(int number) {
        return times[number];
    }

    /** What this observer says about what was acknowledged. */
    Comparison compare(Ledger ledger) {
        long lost = 0;
        long duplicated = 0;
        long different = 0;
        for (int number = 0; number < times.length; number++) {
            if (times[number] == 0) {
                lost += ledger.isAcknowledged(number) ? 1 : 0;
            } else {
                duplicated += times[number] - 1;
                different += ledger.agrees(number, partitions[number], offsets[number], checksums[number]) ? 0 : 1;
            }
        }
        return new Comparison(records.get(), lost, duplicated, different, outOfOrder, strangers);
    }
}
