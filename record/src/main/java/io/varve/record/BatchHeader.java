// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The 61-byte header of a batch, read and patched in place. All integers are big-endian.
 *
 * <pre>
 *  0 baseOffset            int64   patched by the leader
 *  8 length                int32   bytes after this field
 * 12 partitionLeaderEpoch  int32   patched by the leader
 * 16 magic                 int8    2
 * 17 crc                   uint32  CRC32C of everything from attributes to the end of the batch
 * 21 attributes            int16   bits 0-2 codec, 3 timestamp type, 4 transactional, 5 control, 6 delete horizon
 * 23 lastOffsetDelta       int32
 * 27 baseTimestamp         int64   ms since 1970
 * 35 maxTimestamp          int64   ms since 1970
 * 43 producerId            int64   -1: none
 * 51 producerEpoch         int16   -1: none
 * 53 baseSequence          int32   -1: none
 * 57 recordCount           int32
 * 61 records
 * </pre>
 *
 * What the leader patches stands before the CRC's range, so that an append needs no second pass over the records.
 *
 * <p>Accessors take the index of the batch's first byte, use absolute access only, check nothing but the buffer's bounds, and allocate nothing. The
 * methods that compute a CRC move position and limit of a direct buffer and put them back: a {@code ByteBuffer} object (not its memory) must be
 * confined to one thread during the call. <i>Immutable.</i>
 */
public final class BatchHeader {
    /** The only format version that is read or written. */
    public static final byte MAGIC = 2;

    public static final long NO_PRODUCER_ID = -1;
    public static final short NO_PRODUCER_EPOCH = -1;
    public static final int NO_SEQUENCE = -1;
    /** In a batch that no leader has stamped yet. */
    public static final int NO_LEADER_EPOCH = -1;

    public static final int BASE_OFFSET_AT = 0;
    public static final int LENGTH_AT = BASE_OFFSET_AT + Long.BYTES;
    public static final int LEADER_EPOCH_AT = LENGTH_AT + Integer.BYTES;
    public static final int MAGIC_AT = LEADER_EPOCH_AT + Integer.BYTES;
    public static final int CRC_AT = MAGIC_AT + Byte.BYTES;
    public static final int ATTRIBUTES_AT = CRC_AT + Integer.BYTES;
    public static final int LAST_OFFSET_DELTA_AT = ATTRIBUTES_AT + Short.BYTES;
    public static final int BASE_TIMESTAMP_AT = LAST_OFFSET_DELTA_AT + Integer.BYTES;
    public static final int MAX_TIMESTAMP_AT = BASE_TIMESTAMP_AT + Long.BYTES;
    public static final int PRODUCER_ID_AT = MAX_TIMESTAMP_AT + Long.BYTES;
    public static final int PRODUCER_EPOCH_AT = PRODUCER_ID_AT + Long.BYTES;
    public static final int BASE_SEQUENCE_AT = PRODUCER_EPOCH_AT + Short.BYTES;
    public static final int RECORD_COUNT_AT = BASE_SEQUENCE_AT + Integer.BYTES;
    /** Size of the header, and where the records begin. */
    public static final int SIZE_BYTES = RECORD_COUNT_AT + Integer.BYTES;

    /** Base offset and length, which the length field does not count. */
    public static final int PREFIX_BYTES = LENGTH_AT + Integer.BYTES;

    static final int CODEC_MASK = 0x07;
    static final int TIMESTAMP_TYPE_BIT = 0x08;
    static final int TRANSACTIONAL_BIT = 0x10;
    static final int CONTROL_BIT = 0x20;
    static final int DELETE_HORIZON_BIT = 0x40;

    private static final ThreadLocal<CRC32C> CRC = ThreadLocal.withInitial(CRC32C::new);

    private BatchHeader() {}

    public static long baseOffset(ByteBuffer b, int at) {
        return b.getLong(at + BASE_OFFSET_AT);
    }

    /** Size of the whole batch, header included. Damaged bytes may give any value, also a negative one. */
    public static int sizeInBytes(ByteBuffer b, int at) {
        return b.getInt(at + LENGTH_AT) + PREFIX_BYTES;
    }

    public static int partitionLeaderEpoch(ByteBuffer b, int at) {
        return b.getInt(at + LEADER_EPOCH_AT);
    }

    public static byte magic(ByteBuffer b, int at) {
        return b.get(at + MAGIC_AT);
    }

    /** The stored CRC32C; compare it with {@link #computeCrc}. */
    public static int crc(ByteBuffer b, int at) {
        return b.getInt(at + CRC_AT);
    }

    public static short attributes(ByteBuffer b, int at) {
        return b.getShort(at + ATTRIBUTES_AT);
    }

    public static int lastOffsetDelta(ByteBuffer b, int at) {
        return b.getInt(at + LAST_OFFSET_DELTA_AT);
    }

    /** The offset of the last record, also when compaction removed that record. */
    public static long lastOffset(ByteBuffer b, int at) {
        return baseOffset(b, at) + lastOffsetDelta(b, at);
    }

    /** The offset after the batch. */
    public static long nextOffset(ByteBuffer b, int at) {
        return lastOffset(b, at) + 1;
    }

    public static long baseTimestamp(ByteBuffer b, int at) {
        return b.getLong(at + BASE_TIMESTAMP_AT);
    }

    public static long maxTimestamp(ByteBuffer b, int at) {
        return b.getLong(at + MAX_TIMESTAMP_AT);
    }

    public static long producerId(ByteBuffer b, int at) {
        return b.getLong(at + PRODUCER_ID_AT);
    }

    public static short producerEpoch(ByteBuffer b, int at) {
        return b.getShort(at + PRODUCER_EPOCH_AT);
    }

    public static int baseSequence(ByteBuffer b, int at) {
        return b.getInt(at + BASE_SEQUENCE_AT);
    }

    public static int recordCount(ByteBuffer b, int at) {
        return b.getInt(at + RECORD_COUNT_AT);
    }

    /** The compression of the records, or null when the id is of no known codec. */
    public static @Nullable Codec codec(ByteBuffer b, int at) {
        return Codec.byId(attributes(b, at) & CODEC_MASK);
    }

    public static TimestampType timestampType(ByteBuffer b, int at) {
        return (attributes(b, at) & TIMESTAMP_TYPE_BIT) == 0
                ? TimestampType.CREATE_TIME
                : TimestampType.LOG_APPEND_TIME;
    }

    public static boolean isTransactional(ByteBuffer b, int at) {
        return (attributes(b, at) & TRANSACTIONAL_BIT) != 0;
    }

    /** Whether the records are markers of the cluster, which no application sees. */
    public static boolean isControl(ByteBuffer b, int at) {
        return (attributes(b, at) & CONTROL_BIT) != 0;
    }

    /** Gives the batch its place in the log. Outside the CRC's range, so that the CRC stays right. */
    public static void assign(ByteBuffer b, int at, long baseOffset, int leaderEpoch) {
        b.putLong(at + BASE_OFFSET_AT, baseOffset);
        b.putInt(at + LEADER_EPOCH_AT, leaderEpoch);
    }

    /** Makes the leader's clock the time of all records, and recomputes the CRC. */
    public static void assignLogAppendTime(ByteBuffer b, int at, long timestampMs) {
        b.putShort(at + ATTRIBUTES_AT, (short) (attributes(b, at) | TIMESTAMP_TYPE_BIT));
        b.putLong(at + MAX_TIMESTAMP_AT, timestampMs);
        b.putInt(at + CRC_AT, computeCrc(b, at));
    }

    /** Stamps the producer's fields when they are known only at sending, and recomputes the CRC. */
    public static void setProducer(ByteBuffer b, int at, long producerId, short producerEpoch, int baseSequence) {
        b.putLong(at + PRODUCER_ID_AT, producerId);
        b.putShort(at + PRODUCER_EPOCH_AT, producerEpoch);
        b.putInt(at + BASE_SEQUENCE_AT, baseSequence);
        b.putInt(at + CRC_AT, computeCrc(b, at));
    }

    /** CRC32C of the bytes from attributes to the end of the batch, as its length field says. Copies nothing of a heap or a direct buffer. */
    public static int computeCrc(ByteBuffer b, int at) {
        int from = at + ATTRIBUTES_AT;
        int until = at + sizeInBytes(b, at);
        CRC32C crc = CRC.get();
        crc.reset();
        if (b.hasArray()) {
            crc.update(b.array(), b.arrayOffset() + from, until - from);
        } else {
            int position = b.position();
            int limit = b.limit();
            try {
                crc.update(b.limit(until).position(from));
            } finally {
                b.limit(limit).position(position);
            }
        }
        return (int) crc.getValue();
    }
}
