// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Quantities as people write and read them. Stateless. */
public final class Units {
    private static final Pattern QUANTITY = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([a-zA-Z]*)");
    private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB"};

    private Units() {}

    /** Reads {@code 1024}, {@code 1KiB}, {@code 64k}, {@code 1.5MB}: K, Ki and KiB are 1024, KB is 1000. */
    public static long bytes(String text) {
        return scaled(text, unit -> switch (unit) {
            case "", "b" -> 1L;
            case "k", "ki", "kib" -> 1L << 10;
            case "m", "mi", "mib" -> 1L << 20;
            case "g", "gi", "gib" -> 1L << 30;
            case "kb" -> 1_000L;
            case "mb" -> 1_000_000L;
            case "gb" -> 1_000_000_000L;
            default -> 0L;
        });
    }

    /** Reads {@code 1000}, {@code 10k}, {@code 1m}, {@code 2.5g}, in thousands. */
    public static long count(String text) {
        return scaled(text, unit -> switch (unit) {
            case "" -> 1L;
            case "k" -> 1_000L;
            case "m" -> 1_000_000L;
            case "g" -> 1_000_000_000L;
            default -> 0L;
        });
    }

    /** Reads {@code 500ms}, {@code 30s}, {@code 5m}, {@code 1h}, {@code 7d}. */
    public static Duration duration(String text) {
        return Duration.ofMillis(scaled(text, unit -> switch (unit) {
            case "ms" -> 1L;
            case "s" -> 1_000L;
            case "m" -> 60_000L;
            case "h" -> 3_600_000L;
            case "d" -> 86_400_000L;
            case "w" -> 604_800_000L;
            default -> 0L;
        }));
    }

    private interface Scale {
        long factorOf(String unit);
    }

    private static long scaled(String text, Scale scale) {
        Matcher matcher = QUANTITY.matcher(text.strip());
        long factor = matcher.matches() ? scale.factorOf(matcher.group(2).toLowerCase(Locale.ROOT)) : 0;
        if (factor == 0) {
            throw new NumberFormatException(text);
        }
        try {
            return new BigDecimal(matcher.group(1))
                    .multiply(BigDecimal.valueOf(factor))
                    .longValueExact();
        } catch (ArithmeticException e) {
            throw new NumberFormatException(text);
        }
    }

    /** Writes {@code 17B}, {@code 1.2GiB}. */
    public static String humanBytes(double bytes) {
        int unit = 0;
        while (bytes >= 1024 && unit < BINARY.length - 1) {
            bytes /= 1024;
            unit++;
        }
        return unit == 0
                ? String.format(Locale.ROOT, "%.0fB", bytes)
                : String.format(Locale.ROOT, "%.1f%s", bytes, BINARY[unit]);
    }

    /** Writes {@code 1,000,000}. */
    public static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** Writes {@code 0.42s}. */
    public static String seconds(double seconds) {
        return String.format(Locale.ROOT, seconds < 10 ? "%.2fs" : "%.1fs", seconds);
    }

    /** Writes {@code 80ms}, {@code 41s}, {@code 9m19s}, {@code 3d2h}: what a person wants to know of a span. */
    public static String span(long millis) {
        if (millis < 1_000) {
            return millis + "ms";
        }
        long seconds = millis / 1_000;
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3_600) {
            return twoParts(seconds / 60, "m", seconds % 60, "s");
        }
        return seconds < 86_400
                ? twoParts(seconds / 3_600, "h", seconds / 60 % 60, "m")
                : twoParts(seconds / 86_400, "d", seconds / 3_600 % 24, "h");
    }

    private static String twoParts(long large, String largeUnit, long small, String smallUnit) {
        return large + largeUnit + (small == 0 ? "" : small + smallUnit);
    }

    public static final class ByteSize implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            return read(() -> bytes(value), value, "a size such as 1024, 64KiB or 1MiB");
        }
    }

    public static final class Count implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            return read(() -> count(value), value, "a number such as 1000, 10k or 1m");
        }
    }

    public static final class Time implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            return read(() -> duration(value), value, "a duration such as 500ms, 30s or 5m");
        }
    }

    private static <T> T read(java.util.function.Supplier<T> reading, String value, String wanted) {
        try {
            return reading.get();
        } catch (NumberFormatException e) {
            throw new TypeConversionException("'" + value + "' is not " + wanted);
        }
    }
}
