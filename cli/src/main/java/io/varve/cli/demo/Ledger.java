// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.demo;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What became of every record that was sent. Records are numbered from 0 on. {@link #sent} is called by one thread, {@link #acknowledged} and
 * {@link #failed} by another, after the send of the same record; counts can be asked for at any time, records by themselves once all are counted.
 */
final class Ledger {
    static final int NOWHERE = -1;

    private final int[] checksums;
    private final int[] partitions;
    private final long[] offsets;
    private final long[] sentNanos;
    private final long[] acknowledgedNanos;
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> firstFailure = new AtomicReference<>();
    private final AtomicIntegerArray byPartition;

    Ledger(int records, int partitionCount) {
        checksums = new int[records];
        partitions = new int[records];
        Arrays.fill(partitions, NOWHERE);
        offsets = new long[records];
        sentNanos = new long[records];
        acknowledgedNanos = new long[records];
        byPartition = new AtomicIntegerArray(partitionCount);
    }

    static int checksum(byte[] value) {
        CRC32C crc = new CRC32C();
        crc.update(value);
        return (int) crc.getValue();
    }

    int records() {
        return checksums.length;
    }

    int partitionCount() {
        return byPartition.length();
    }

    void sent(int number, byte[] value, long nowNanos) {
        checksums[number] = checksum(value);
        sentNanos[number] = nowNanos;
        sent.incrementAndGet();
    }

    /** @param offset {@link #NOWHERE} if the leader did not remember it */
    void acknowledged(int number, int partition, long offset, long nowNanos) {
        partitions[number] = partition;
        offsets[number] = offset;
        acknowledgedNanos[number] = nowNanos;
        byPartition.incrementAndGet(partition);
        acknowledged.incrementAndGet();
    }

    void failed(Throwable why) {
        firstFailure.compareAndSet(null, why);
        failed.incrementAndGet();
    }

    int sentCount() {
        return sent.get();
    }

    int acknowledgedCount() {
        return acknowledged.get();
    }

    int failedCount() {
        return failed.get();
    }

    @Nullable
    Throwable firstFailure() {
        return firstFailure.get();
    }

    /** Records that the partition acknowledged. */
    int acknowledgedCount(int partition) {
        return byPartition.get(partition);
    }

    /** The one that acknowledged most. */
    int busiestPartition() {
        int busiest = 0;
        for (int partition = 1; partition < byPartition.length(); partition++) {
            busiest = byPartition.get(partition) > byPartition.get(busiest) ? partition : busiest;
        }
        return busiest;
    }

    boolean isAcknowledged(int number) {
        return partitions[number] != NOWHERE;
    }

    /** Whether a record was found where it was acknowledged, as it was sent. */
    boolean agrees(int number, int partition, long offset, int checksum) {
        return checksums[number] == checksum
                && (!isAcknowledged(number)
                        || (partitions[number] == partition
                                && (offsets[number] == NOWHERE || offsets[number] == offset)));
    }

    long sentNanos(int number) {
        return sentNanos[number];
    }

    /** One line per record; times are milliseconds since the first send. */
    void write(Path file, Sightings read) throws IOException {
        long begin = sentCount() == 0 ? 0 : sentNanos[0];
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write("record,partition,offset,sent_ms,acknowledged_ms,times_read\n");
            for (int number = 0; number < sentCount(); number++) {
                String stored = isAcknowledged(number)
                        ? partitions[number] + "," + offsets[number] + "," + millis(sentNanos[number] - begin) + ","
                                + millis(acknowledgedNanos[number] - begin)
                        : ",," + millis(sentNanos[number] - begin) + ",";
                out.write(number + "," + stored + "," + read.times(number) + "\n");
            }
        }
    }

    private static long millis(long nanos) {
        return nanos / 1_000_000;
    }
}
