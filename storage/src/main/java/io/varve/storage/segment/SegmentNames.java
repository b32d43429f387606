// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import java.util.OptionalLong;

/** File names inside a log's directory: an offset of twenty digits and what the file is. */
final class SegmentNames {
    static final String LOG = ".log";
    static final String INDEX = ".index";
    static final String TIME_INDEX = ".timeindex";
    static final String PRODUCERS = ".producers";
    static final String TEMPORARY = ".tmp";
    private static final int DIGITS = 20;
    private static final String ZEROS = "0".repeat(DIGITS);

    private SegmentNames() {}

    static String of(long offset, String suffix) {
        String digits = Long.toString(offset);
        return ZEROS.substring(digits.length()) + digits + suffix;
    }

    /** The offset in the name of a file with this suffix; empty for every other name. */
    static OptionalLong offset(String name, String suffix) {
        if (name.length() != DIGITS + suffix.length() || !name.endsWith(suffix)) {
            return OptionalLong.empty();
        }
        try {
            long offset = Long.parseLong(name, 0, DIGITS, 10);
            return offset < 0 ? OptionalLong.empty() : OptionalLong.of(offset);
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
