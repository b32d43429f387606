// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.util.function.Function;

/**
 * One setting: its name, how it is read, and what the operator should know about it.
 *
 * @param parser turns the text into a value, or throws IllegalArgumentException with the end of a sentence that
 *     begins with the name ("must be ...")
 * @param fallback the value when nothing is said; for a required setting only a placeholder after the problem is noted
 * @param unit of the value; empty for none
 * @param range what is allowed
 * @param reader the operator who would change it, and why
 */
record SettingKey<T>(
        String name,
        Function<String, T> parser,
        T fallback,
        boolean required,
        String unit,
        String range,
        String reader) {

    static SettingKey<Integer> whole(String name, int fallback, int min, int max, String unit, String reader) {
        return new SettingKey<>(
                name, t -> Math.toIntExact(number(t, min, max)), fallback, false, unit, min + " to " + max, reader);
    }

    static SettingKey<Long> bytes(String name, long fallback, long min, long max, String reader) {
        return new SettingKey<>(
                name, t -> byteCount(t, min, max), fallback, false, "bytes", min + " to " + max, reader);
    }

    static SettingKey<HostPort> address(String name, HostPort fallback, String reader) {
        return new SettingKey<>(name, HostPort::parse, fallback, false, "HOST:PORT", "port 0 to 65535", reader);
    }

    static <E extends Enum<E>> SettingKey<E> choice(String name, E fallback, Class<E> type, String reader) {
        String all = String.join(
                ", ",
                java.util.Arrays.stream(type.getEnumConstants()).map(Enum::name).toList());
        return new SettingKey<>(
                name,
                t -> {
                    for (E e : type.getEnumConstants()) {
                        if (e.name().equalsIgnoreCase(t.strip())) {
                            return e;
                        }
                    }
                    throw new IllegalArgumentException("must be one of " + all + ", but is '" + t + "'");
                },
                fallback,
                false,
                "",
                all,
                reader);
    }

    SettingKey<T> asRequired() {
        return new SettingKey<>(name, parser, fallback, true, unit, range, reader);
    }

    private static long number(String text, long min, long max) {
        long value;
        try {
            value = Long.parseLong(text.strip().replace("_", ""));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "must be a whole number from %d to %d, but is '%s'".formatted(min, max, text));
        }
        return inRange(value, min, max, text);
    }

    private static long byteCount(String text, long min, long max) {
        String digits = text.strip();
        int shift = 0;
        for (String suffix : new String[] {"KiB", "MiB", "GiB", "TiB"}) {
            shift += 10;
            if (digits.endsWith(suffix)) {
                digits = digits.substring(0, digits.length() - suffix.length()).strip();
                long value = number(digits, 0, Long.MAX_VALUE >> shift) << shift;
                return inRange(value, min, max, text);
            }
        }
        return number(text, min, max);
    }

    private static long inRange(long value, long min, long max, String text) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("must be from %d to %d, but is %s".formatted(min, max, text.strip()));
        }
        return value;
    }
}
