// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import io.varve.cli.Units;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Locale;

/**
 * A place in a partition as the user writes it: {@code beginning}, {@code end}, an offset, {@code @time} or
 * {@code @-1h}. A time means the first record at or after it; without a zone it is UTC.
 */
public sealed interface Position {
    record Beginning() implements Position {}

    /** The high watermark when the command starts. */
    record End() implements Position {}

    record Offset(long offset) implements Position {}

    record Time(Instant instant) implements Position {}

    /**
     * Reads a position.
     *
     * @param now what {@code @-1h} counts back from
     * @throws InvalidFormatException naming the forms that are known
     */
    static Position parse(String text, Instant now) {
        switch (text.toLowerCase(Locale.ROOT)) {
            case "beginning", "start", "earliest" -> {
                return new Beginning();
            }
            case "end", "latest" -> {
                return new End();
            }
            default -> {
                return text.startsWith("@") ? new Time(time(text, now)) : new Offset(offset(text));
            }
        }
    }

    private static long offset(String text) {
        try {
            long offset = Long.parseLong(text);
            if (offset >= 0) {
                return offset;
            }
        } catch (NumberFormatException e) {
            // falls through to the one message for everything that is no position
        }
        throw invalid(text);
    }

    private static Instant time(String text, Instant now) {
        String time = text.substring(1);
        try {
            if (time.equals("now")) {
                return now;
            }
            if (time.startsWith("-")) {
                return now.minus(Units.duration(time.substring(1)));
            }
            if (time.matches("\\d{9,10}")) {
                return Instant.ofEpochSecond(Long.parseLong(time));
            }
            if (time.matches("\\d{11,16}")) {
                return Instant.ofEpochMilli(Long.parseLong(time));
            }
            if (!time.contains("T")) {
                return LocalDate.parse(time).atStartOfDay(ZoneOffset.UTC).toInstant();
            }
            // A zone is a Z, or a sign behind the time of day.
            return time.matches(".*T.*[Z+-].*")
                    ? OffsetDateTime.parse(time).toInstant()
                    : LocalDateTime.parse(time).toInstant(ZoneOffset.UTC);
        } catch (DateTimeParseException | NumberFormatException e) {
            throw invalid(text);
        }
    }

    private static InvalidFormatException invalid(String text) {
        return new InvalidFormatException("'" + text + "' is not a position: beginning, end, an offset such as 42,"
                + " @2026-01-31T12:00:00Z, @1767225600000 (ms) or @-1h are");
    }
}
