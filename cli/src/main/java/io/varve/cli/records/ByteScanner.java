// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Cuts a stream of bytes at delimiters or by length. Bytes are never decoded. Confined to one thread.
 */
final class ByteScanner {
    /** More than any topic takes in one record: a file without line feeds must not fill the memory. */
    static final int MAX_FIELD_BYTES = 64 << 20;

    private final InputStream in;
    // Invariant: 0 <= start <= end <= buffer.length; unread bytes are buffer[start, end).
    private byte[] buffer = new byte[128 << 10];
    private int start;
    private int end;
    private boolean sawDelimiter;

    ByteScanner(InputStream in) {
        this.in = in;
    }

    /** Whether there is nothing more; waits for a byte or for the end. */
    boolean atEnd() throws IOException {
        return start == end && !fill();
    }

    /** The bytes before the delimiter, which is consumed; before the end of the stream, when the delimiter never comes. */
    byte[] until(byte[] delimiter) throws IOException {
        int searched = 0;
        while (true) {
            int found = find(delimiter, start + searched);
            sawDelimiter = found >= 0;
            if (sawDelimiter) {
                return take(found - start, delimiter.length);
            }
            // The delimiter may have begun in the last bytes seen.
            searched = Math.max(0, end - start - delimiter.length + 1);
            if (!fill()) {
                return take(end - start, 0);
            }
        }
    }

    /** Whether {@link #until} found the delimiter, the last time it was called. */
    boolean sawDelimiter() {
        return sawDelimiter;
    }

    /** Everything up to the end of the stream. */
    byte[] rest() throws IOException {
        boolean more = true;
        while (more) {
            more = fill();
        }
        return take(end - start, 0);
    }

    /**
     * Exactly this many bytes.
     *
     * @throws EOFException if the stream ends before
     */
    byte[] exactly(int length) throws IOException {
        while (end - start < length) {
            if (!fill()) {
                throw new EOFException();
            }
        }
        return take(length, 0);
    }

    private byte[] take(int length, int skipped) {
        byte[] taken = Arrays.copyOfRange(buffer, start, start + length);
        start += length + skipped;
        return taken;
    }

    private int find(byte[] delimiter, int from) {
        byte first = delimiter[0];
        for (int i = from; i <= end - delimiter.length; i++) {
            if (buffer[i] == first
                    && (delimiter.length == 1
                            || Arrays.equals(buffer, i, i + delimiter.length, delimiter, 0, delimiter.length))) {
                return i;
            }
        }
        return -1;
    }

    /** Reads at least one more byte; false at the end of the stream. */
    private boolean fill() throws IOException {
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }
        if (end == buffer.length) {
            if (end >= MAX_FIELD_BYTES) {
                throw new RecordSource.InvalidInputException(
                        "a record of more than " + MAX_FIELD_BYTES + " bytes: is the delimiter right?");
            }
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
        int read = in.read(buffer, end, buffer.length - end);
        if (read <= 0) {
            return false;
        }
        end += read;
        return true;
    }
}
