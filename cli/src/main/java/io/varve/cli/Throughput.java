// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import java.util.Locale;

/**
 * So much in so long. Immutable.
 *
 * @param bytes of keys and values
 */
public record Throughput(long records, long bytes, double seconds) {
    private static final double BYTES_PER_MEBIBYTE = 1 << 20;

    public static Throughput since(long startNanos, long records, long bytes) {
        return new Throughput(records, bytes, Math.max(1e-9, (System.nanoTime() - startNanos) / 1e9));
    }

    public double recordsPerSecond() {
        return records / seconds;
    }

    public double mebibytesPerSecond() {
        return bytes / BYTES_PER_MEBIBYTE / seconds;
    }

    /** Writes {@code 281.1KiB in 0.42s (4,761 records/s, 0.7MiB/s)}. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s in %s (%s records/s, %.1fMiB/s)",
                Units.humanBytes(bytes),
                Units.seconds(seconds),
                Units.grouped(Math.round(recordsPerSecond())),
                mebibytesPerSecond());
    }
}
