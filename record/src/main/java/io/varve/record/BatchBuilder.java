// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects records into one batch: each is written at once into one growing array behind room for the header, so that an uncompressed batch is never
 * copied again. Compression happens in {@link #build}; records that do not shrink are sent as they are, so that a batch is never larger than
 * {@link #estimatedSizeBytes}.
 *
 * <p>Offsets count from 0, and no leader epoch is set: the leader assigns both. Confined to one thread.
 */
public final class BatchBuilder {
    private static final int INITIAL_BYTES = 4096;
    private static final byte[] NO_BYTES = {};
    private static final byte[][] NO_HEADER_KEYS = {};

    private final Codec codec;
    private final int maxSizeBytes;
    // Invariant: the first `size` bytes are the header's room and `count` whole records; size <= maxSizeBytes
    private byte[] bytes;
    private int size = BatchHeader.SIZE_BYTES;
    private int count;
    private long baseTimestamp;
    private long maxTimestamp;
    private boolean built;

    /** @param maxSizeBytes the batch's limit, header included, before compression */
    public BatchBuilder(Codec codec, int maxSizeBytes) {
        this(codec, maxSizeBytes, INITIAL_BYTES);
    }

    /** @param initialBytes what to allocate at first; the expected size saves copies while growing */
    public BatchBuilder(Codec codec, int maxSizeBytes, int initialBytes) {
        if (maxSizeBytes < BatchHeader.SIZE_BYTES) {
            throw new IllegalArgumentException("limit of " + maxSizeBytes + " bytes, a batch header has " + size);
        }
        this.codec = codec;
        this.maxSizeBytes = maxSizeBytes;
        this.bytes = new byte[Math.max(size, Math.min(initialBytes, maxSizeBytes))];
    }

    /**
     * Adds a record, or changes nothing and returns false when the batch would exceed its limit, which may be so for the first record.
     *
     * @param timestampMs milliseconds since 1970
     */
    public boolean tryAppend(
            long timestampMs, byte @Nullable [] key, byte @Nullable [] value, List<RecordHeader> headers) {
        return append(
                timestampMs,
                key == null ? NO_BYTES : key,
                0,
                key == null ? -1 : key.length,
                value == null ? NO_BYTES : value,
                0,
                value == null ? -1 : value.length,
                headers);
    }

    /** As above; positions are not moved. */
    public boolean tryAppend(
            long timestampMs, @Nullable ByteBuffer key, @Nullable ByteBuffer value, List<RecordHeader> headers) {
        return append(
                timestampMs,
                arrayOf(key),
                offsetOf(key),
                key == null ? -1 : key.remaining(),
                arrayOf(value),
                offsetOf(value),
                value == null ? -1 : value.remaining(),
                headers);
    }

    /** Records so far. */
    public int count() {
        return count;
    }

    /** What {@link #build} gives at most: the exact size without compression. */
    public int estimatedSizeBytes() {
        return size;
    }

    /**
     * A size that a batch of this one record never exceeds, before compression. Saturates at {@link Integer#MAX_VALUE}.
     *
     * @param keyBytes 0 for null
     * @param valueBytes 0 for null
     */
    public static int sizeUpperBound(int keyBytes, int valueBytes, List<RecordHeader> headers) {
        long bound = BatchHeader.SIZE_BYTES + 1L + Varints.LONG_BYTES_MAX + 5L * Varints.INT_BYTES_MAX;
        bound += (long) keyBytes + valueBytes;
        for (RecordHeader header : headers) {
            ByteBuffer value = header.value();
            bound += 2L * Varints.INT_BYTES_MAX + 3L * header.key().length() + (value == null ? 0 : value.remaining());
        }
        return (int) Math.min(Integer.MAX_VALUE, bound);
    }

    /** The batch of a producer without idempotence. {@link BatchHeader#setProducer} can stamp it later. */
    public ByteBuffer build() {
        return build(BatchHeader.NO_PRODUCER_ID, BatchHeader.NO_PRODUCER_EPOCH, BatchHeader.NO_SEQUENCE);
    }

    /**
     * Compresses, fills in the header with its CRC, and gives the memory away: nothing can be added or built after that.
     *
     * @return a heap buffer from position 0 to limit, whose array may be longer
     */
    public ByteBuffer build(long producerId, short producerEpoch, int baseSequence) {
        if (built || count == 0) {
            throw new IllegalStateException(built ? "this batch is built" : "no records in this batch");
        }
        built = true;
        Codec effective = compress();
        ByteBuffer b = ByteBuffer.wrap(bytes, 0, size);
        b.putInt(BatchHeader.LENGTH_AT, size - BatchHeader.PREFIX_BYTES);
        b.putInt(BatchHeader.LEADER_EPOCH_AT, BatchHeader.NO_LEADER_EPOCH);
        b.put(BatchHeader.MAGIC_AT, BatchHeader.MAGIC);
        b.putShort(BatchHeader.ATTRIBUTES_AT, (short) effective.id());
        b.putInt(BatchHeader.LAST_OFFSET_DELTA_AT, count - 1);
        b.putLong(BatchHeader.BASE_TIMESTAMP_AT, baseTimestamp);
        b.putLong(BatchHeader.MAX_TIMESTAMP_AT, maxTimestamp);
        b.putInt(BatchHeader.RECORD_COUNT_AT, count);
        BatchHeader.setProducer(b, 0, producerId, producerEpoch, baseSequence);
        return b;
    }

    private Codec compress() {
        if (codec == Codec.NONE) {
            return Codec.NONE;
        }
        ByteSink sink = new ByteSink(size / 2, Integer.MAX_VALUE);
        sink.skip(BatchHeader.SIZE_BYTES);
        Compression.compress(codec, bytes, BatchHeader.SIZE_BYTES, size - BatchHeader.SIZE_BYTES, sink);
        if (sink.size() >= size) {
            return Codec.NONE;
        }
        bytes = sink.array();
        size = sink.size();
        return codec;
    }

    private boolean append(
            long timestampMs,
            byte[] key,
            int keyAt,
            int keyLength,
            byte[] value,
            int valueAt,
            int valueLength,
            List<RecordHeader> headers) {
        if (built) {
            throw new IllegalStateException("this batch is built");
        }
        long timestampDelta = count == 0 ? 0 : timestampMs - baseTimestamp;
        byte[][] headerKeys = headerKeys(headers);
        long body = 1L + Varints.sizeOf(timestampDelta) + Varints.sizeOf(count);
        body += Varints.sizeOf(keyLength) + Math.max(0, keyLength);
        body += (long) Varints.sizeOf(valueLength) + Math.max(0, valueLength);
        body += headersSize(headers, headerKeys);
        long newSize = size + Varints.sizeOf(body) + body;
        if (newSize > maxSizeBytes) {
            return false;
        }
        ensureCapacity((int) newSize);
        int at = Varints.put(bytes, size, body);
        bytes[at++] = 0; // attributes of a record are unused
        at = Varints.put(bytes, at, timestampDelta);
        at = Varints.put(bytes, at, count);
        at = putBytes(at, key, keyAt, keyLength);
        at = putBytes(at, value, valueAt, valueLength);
        at = putHeaders(at, headers, headerKeys);
        if (at != newSize) {
            throw new IllegalStateException("record ends at " + at + ", computed " + newSize);
        }
        baseTimestamp = count == 0 ? timestampMs : baseTimestamp;
        maxTimestamp = count == 0 ? timestampMs : Math.max(maxTimestamp, timestampMs);
        size = at;
        count++;
        return true;
    }

    private void ensureCapacity(int needed) {
        if (needed > bytes.length) {
            long doubled = Math.max(needed, 2L * bytes.length);
            bytes = Arrays.copyOf(bytes, (int) Math.min(doubled, maxSizeBytes));
        }
    }

    private int putBytes(int at, byte[] source, int sourceAt, int length) {
        int target = Varints.put(bytes, at, length);
        if (length <= 0) {
            return target;
        }
        System.arraycopy(source, sourceAt, bytes, target, length);
        return target + length;
    }

    private int putHeaders(int at, List<RecordHeader> headers, byte[][] keys) {
        int target = Varints.put(bytes, at, keys.length);
        for (int i = 0; i < keys.length; i++) {
            target = putBytes(target, keys[i], 0, keys[i].length);
            ByteBuffer value = headers.get(i).value();
            if (value == null) {
                target = Varints.put(bytes, target, -1);
            } else {
                target = Varints.put(bytes, target, value.remaining());
                value.get(value.position(), bytes, target, value.remaining());
                target += value.remaining();
            }
        }
        return target;
    }

    private static byte[][] headerKeys(List<RecordHeader> headers) {
        if (headers.isEmpty()) {
            return NO_HEADER_KEYS;
        }
        byte[][] keys = new byte[headers.size()][];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = headers.get(i).key().getBytes(StandardCharsets.UTF_8);
        }
        return keys;
    }

    private static long headersSize(List<RecordHeader> headers, byte[][] keys) {
        long total = Varints.sizeOf(keys.length);
        for (int i = 0; i < keys.length; i++) {
            ByteBuffer value = headers.get(i).value();
            total += (long) Varints.sizeOf(keys[i].length) + keys[i].length;
            total += value == null ? Varints.sizeOf(-1) : (long) Varints.sizeOf(value.remaining()) + value.remaining();
        }
        return total;
    }

    private static byte[] arrayOf(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return NO_BYTES;
        }
        if (buffer.hasArray()) {
            return buffer.array();
        }
        byte[] copy = new byte[buffer.remaining()];
        buffer.get(buffer.position(), copy);
        return copy;
    }

    private static int offsetOf(@Nullable ByteBuffer buffer) {
        return buffer != null && buffer.hasArray() ? buffer.arrayOffset() + buffer.position() : 0;
    }
}
