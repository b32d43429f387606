// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import java.nio.ByteBuffer;

/**
 * The keys of one batch, and where its records lie, without an object for each: what compaction looks at. Records come as they are stored, so that those
 * that stay can be copied as they are.
 *
 * <p>Confined to one thread.
 */
public final class KeyCursor {
    /** The length of a key that is null. */
    public static final int NO_KEY = -1;

    private final ByteBuffer records;
    private final int end;
    private final long baseOffset;
    private final int lastOffsetDelta;
    private final int count;
    private int seen;
    private int nextAt;
    // the record that was read last
    private int recordAt;
    private int offsetDelta = -1;
    private int keyAt;
    private int keyLength;
    private boolean tombstone;

    private KeyCursor(ByteBuffer batch, int at, ByteBuffer records, int from, int end) {
        this.records = records;
        this.end = end;
        this.nextAt = from;
        baseOffset = BatchHeader.baseOffset(batch, at);
        lastOffsetDelta = BatchHeader.lastOffsetDelta(batch, at);
        count = BatchHeader.recordCount(batch, at);
    }

    /**
     * Opens a batch that {@link BatchCheck} has found valid.
     *
     * @throws InvalidBatchException if its records cannot be decompressed into {@code maxDecompressedBytes}; likewise {@link #next}
     */
    public static KeyCursor of(ByteBuffer batch, int at, int maxDecompressedBytes) {
        Codec codec = BatchHeader.codec(batch, at);
        int from = at + BatchHeader.SIZE_BYTES;
        int length = BatchHeader.sizeInBytes(batch, at) - BatchHeader.SIZE_BYTES;
        if (codec == null || codec == Codec.NONE || length == 0) {
            return new KeyCursor(batch, at, batch, from, from + length);
        }
        ByteBuffer records = Compression.decompress(codec, batch, from, length, maxDecompressedBytes);
        return new KeyCursor(batch, at, records, 0, records.limit());
    }

    /** Reads the next record; false after the last one. */
    public boolean next() {
        if (seen == count) {
            if (nextAt != end) {
                throw bad((end - nextAt) + " bytes after the last of " + count + " records");
            }
            return false;
        }
        recordAt = nextAt;
        int length = varint(end);
        if (length < 0 || length > end - nextAt) {
            throw bad("record of " + length + " bytes, " + (end - nextAt) + " are left");
        }
        int recordEnd = nextAt + length;
        nextAt++; // attributes
        skipVarlong(recordEnd);
        int delta = varint(recordEnd);
        if (delta <= offsetDelta || delta > lastOffsetDelta) {
            throw bad("offset delta " + delta + " after " + offsetDelta + ", the last one is " + lastOffsetDelta);
        }
        offsetDelta = delta;
        keyLength = varint(recordEnd);
        if (keyLength < NO_KEY || keyLength > recordEnd - nextAt) {
            throw bad("key of " + keyLength + " bytes in a record of " + length);
        }
        keyAt = nextAt;
        nextAt += Math.max(0, keyLength);
        tombstone = varint(recordEnd) == -1;
        nextAt = recordEnd;
        seen++;
        return true;
    }

    public long offset() {
        return baseOffset + offsetDelta;
    }

    /** What {@link #keyAt} and {@link #recordAt} count in: the batch's memory, or that of its decompressed records. */
    public ByteBuffer memory() {
        return records;
    }

    public int keyAt() {
        return keyAt;
    }

    /** {@link #NO_KEY} if it has none. */
    public int keyLength() {
        return keyLength;
    }

    /** Whether the record has no value: it says that its key is deleted. */
    public boolean isTombstone() {
        return tombstone;
    }

    /** Where the record begins, its length field included. */
    int recordAt() {
        return recordAt;
    }

    int recordEnd() {
        return nextAt;
    }

    private int varint(int limit) {
        long raw = raw(Varints.INT_BYTES_MAX, limit);
        if (raw >>> Integer.SIZE != 0) {
            throw bad("number of more than 32 bits");
        }
        return (int) Varints.unzigzag(raw);
    }

    private void skipVarlong(int limit) {
        raw(Varints.LONG_BYTES_MAX, limit);
    }

    private long raw(int maxBytes, int limit) {
        long raw = 0;
        for (int i = 0; i < maxBytes; i++) {
            if (nextAt >= limit) {
                throw bad("a record ends within a number");
            }
            byte b = records.get(nextAt++);
            raw |= (b & 0x7fL) << 7 * i;
            if (b >= 0) {
                return raw;
            }
        }
        throw bad("number of more than " + maxBytes + " bytes");
    }

    private static InvalidBatchException bad(String detail) {
        return new InvalidBatchException(BatchCheck.Kind.BAD_RECORD, detail);
    }
}
