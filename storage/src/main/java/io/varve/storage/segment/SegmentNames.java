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
    /** What compaction writes, until it is whole. */
    static final String COMPACTING = ".compacting.tmp";
    /** A whole segment that is about to take the place of several. */
    static final String SWAP = ".swap";

    private static final int DIGITS = 20;
    private static final String ZEROS = "0".repeat(DIGITS);

    private SegmentNames() {}

    static String of(long offset, String suffix) {
        String digits = Long.toString(offset);
        return ZEROS.substring(digits.length()) + digits + suffix;
    }

    /** The name of a segment that replaces all from {@code baseOffset} to {@code endOffset}. */
    static String swap(long baseOffset, long endOffset) {
        return of(baseOffset, "-") + of(endOffset, SWAP);
    }

    /** The base and end offset in the name of such a file; empty for every other name. */
    static OptionalLong swapBase(String name) {
        return swapEnd(name).isPresent() ? offset(name.substring(0, DIGITS + 1), "-") : OptionalLong.empty();
    }

    static OptionalLong swapEnd(String name) {
        return name.length() > DIGITS ? offset(name.substring(DIGITS + 1), SWAP) : OptionalLong.empty();
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
