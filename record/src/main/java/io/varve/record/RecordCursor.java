// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of one batch from uncompressed bytes. Every length is checked against what is there before it is used.
 *
 * <pre>
 * record: length varint | attributes int8 (unused) | timestampDelta varlong | offsetDelta varint
 *         | keyLength varint (-1: null) | key | valueLength varint (-1: null) | value
 *         | headerCount varint | header...
 * header: keyLength varint | key UTF-8 | valueLength varint (-1: null) | value
 * </pre>
 *
 * Confined to one thread.
 */
final class RecordCursor {
    /** A header has two lengths of at least one byte each. */
    private static final int HEADER_BYTES_MIN = 2;

    private final ByteBuffer bytes;
    // 0 <= position <= recordEnd <= end <= bytes.limit()
    private int position;
    private int recordEnd;
    private final int end;

    RecordCursor(ByteBuffer bytes, int from, int until) {
        this.bytes = bytes;
        this.position = from;
        this.recordEnd = from;
        this.end = until;
    }

    boolean isAtEnd() {
        return position == end;
    }

    /** @param logAppendTimeMs the time of all records, or null when each has its own */
    LogRecord read(
            long baseOffset,
            int minOffsetDelta,
            int maxOffsetDelta,
            long baseTimestampMs,
            @Nullable Long logAppendTimeMs) {
        recordEnd = end;
        int length = varint();
        if (length < 0 || length > end - position) {
            throw bad("record of " + length + " bytes, " + (end - position) + " are left");
        }
        recordEnd = position + length;
        require(1);
        position++; // attributes
        long timestampDelta = varlong();
        int offsetDelta = varint();
        if (offsetDelta < minOffsetDelta || offsetDelta > maxOffsetDelta) {
            throw bad("offset delta " + offsetDelta + " outside " + minOffsetDelta + ".." + maxOffsetDelta);
        }
        ByteBuffer key = nullableBytes();
        ByteBuffer value = nullableBytes();
        List<RecordHeader> headers = headers();
        if (position != recordEnd) {
            throw bad((recordEnd - position) + " bytes after the headers of a record of " + length);
        }
        long timestampMs = logAppendTimeMs == null ? baseTimestampMs + timestampDelta : logAppendTimeMs;
        return new LogRecord(baseOffset + offsetDelta, timestampMs, key, value, headers);
    }

    private List<RecordHeader> headers() {
        int count = varint();
        if (count == 0) {
            return List.of();
        }
        if (count < 0 || count > (recordEnd - position) / HEADER_BYTES_MIN) {
            throw bad(count + " headers in " + (recordEnd - position) + " bytes");
        }
        List<RecordHeader> headers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ByteBuffer key = nullableBytes();
            if (key == null) {
                throw bad("header without a key");
            }
            headers.add(new RecordHeader(StandardCharsets.UTF_8.decode(key).toString(), nullableBytes()));
        }
        return List.copyOf(headers);
    }

    private @Nullable ByteBuffer nullableBytes() {
        int length = varint();
        if (length == -1) {
            return null;
        }
        if (length < 0) {
            throw bad("field of " + length + " bytes");
        }
        require(length);
        ByteBuffer slice = bytes.slice(position, length);
        position += length;
        return slice;
    }

    private int varint() {
        long raw = raw(Varints.INT_BYTES_MAX);
        // what a 32-bit writer gives has no bit above 31
        if (raw >>> Integer.SIZE != 0) {
            throw bad("number of more than 32 bits");
        }
        return (int) Varints.unzigzag(raw);
    }

    private long varlong() {
        return Varints.unzigzag(raw(Varints.LONG_BYTES_MAX));
    }

    private long raw(int maxBytes) {
        long raw = 0;
        for (int i = 0; i < maxBytes; i++) {
            require(1);
            byte b = bytes.get(position++);
            raw |= (b & 0x7fL) << 7 * i;
            if (b >= 0) {
                return raw;
            }
        }
        throw bad("number of more than " + maxBytes + " bytes");
    }

    private void require(int count) {
        if (count > recordEnd - position) {
            throw bad("field of " + count + " bytes, " + (recordEnd - position) + " are left of the record");
        }
    }

    private static InvalidBatchException bad(String detail) {
        return new InvalidBatchException(BatchCheck.Kind.BAD_RECORD, detail);
    }
}
