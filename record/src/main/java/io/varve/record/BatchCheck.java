// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import java.nio.ByteBuffer;

/**
 * The verdict on a batch's header, size and CRC, without a look at the records: a broker never decompresses to store. Wrong records inside a valid
 * batch are refused by {@link BatchReader}. A valid batch costs no allocation. <i>Immutable.</i>
 *
 * @param detail empty for a valid batch, else a sentence with both numbers
 */
public record BatchCheck(Kind kind, String detail) {
    /** What a check, or a reader, found. */
    public enum Kind {
        VALID,
        /** Fewer bytes than the header or than the batch's own length. */
        TOO_SHORT,
        /** More bytes than allowed: the batch itself, or its records once decompressed. */
        TOO_LARGE,
        /** The length field is smaller than a header. */
        BAD_LENGTH,
        BAD_MAGIC,
        BAD_CRC,
        /** Negative base offset, or one so high that the last offset overflows. */
        BAD_OFFSET,
        /** Record count and last offset delta do not fit each other. */
        BAD_COUNT,
        BAD_CODEC,
        /** A producer set attributes that only the cluster sets. */
        BAD_ATTRIBUTES,
        /** Producer id, epoch and sequence are neither all set nor all absent. */
        BAD_PRODUCER,
        /** Bytes after the one batch that a producer sends. */
        NOT_ONE_BATCH,
        /** The compressed records cannot be decompressed. */
        BAD_COMPRESSION,
        /** The records contradict their own lengths or the header. */
        BAD_RECORD
    }

    private static final BatchCheck VALID = new BatchCheck(Kind.VALID, "");

    /** Bits that a producer may set: codec only; LogAppendTime, transactional and control are the cluster's to set (no transactions yet). */
    private static final int PRODUCER_ATTRIBUTES = BatchHeader.CODEC_MASK;

    public boolean isValid() {
        return kind == Kind.VALID;
    }

    /**
     * Checks the stored or received batch that begins at {@code at}.
     *
     * @param availableBytes bytes from {@code at} on that belong to the caller; more than the batch is fine
     * @param maxBatchBytes largest batch allowed, header included
     */
    public static BatchCheck check(ByteBuffer b, int at, int availableBytes, int maxBatchBytes) {
        if (availableBytes < BatchHeader.SIZE_BYTES) {
            return failed(Kind.TOO_SHORT, availableBytes + " bytes, a batch header has " + BatchHeader.SIZE_BYTES);
        }
        byte magic = BatchHeader.magic(b, at);
        if (magic != BatchHeader.MAGIC) {
            return failed(Kind.BAD_MAGIC, "format version " + magic + ", only " + BatchHeader.MAGIC + " is supported");
        }
        // as long: the sum of a damaged length and the prefix may overflow
        long sizeBytes = (long) b.getInt(at + BatchHeader.LENGTH_AT) + BatchHeader.PREFIX_BYTES;
        if (sizeBytes < BatchHeader.SIZE_BYTES) {
            return failed(
                    Kind.BAD_LENGTH,
                    "batch of " + sizeBytes + " bytes, its header alone has " + BatchHeader.SIZE_BYTES);
        }
        if (sizeBytes > maxBatchBytes) {
            return failed(Kind.TOO_LARGE, "batch of " + sizeBytes + " bytes, the limit is " + maxBatchBytes);
        }
        if (sizeBytes > availableBytes) {
            return failed(Kind.TOO_SHORT, "batch of " + sizeBytes + " bytes, " + availableBytes + " are there");
        }
        int crc = BatchHeader.computeCrc(b, at);
        if (crc != BatchHeader.crc(b, at)) {
            return failed(
                    Kind.BAD_CRC,
                    "CRC32C is " + Integer.toHexString(crc) + ", the header says "
                            + Integer.toHexString(BatchHeader.crc(b, at)));
        }
        return checkFields(b, at);
    }

    /** {@link #check} for what a producer sends: exactly one batch of at least one record, dense offsets, and no attributes of the cluster. */
    public static BatchCheck checkProduced(ByteBuffer b, int at, int availableBytes, int maxBatchBytes) {
        BatchCheck check = check(b, at, availableBytes, maxBatchBytes);
        if (!check.isValid()) {
            return check;
        }
        int sizeBytes = BatchHeader.sizeInBytes(b, at);
        if (sizeBytes != availableBytes) {
            return failed(Kind.NOT_ONE_BATCH, "batch of " + sizeBytes + " bytes in a field of " + availableBytes);
        }
        int attributes = BatchHeader.attributes(b, at);
        if ((attributes & ~PRODUCER_ATTRIBUTES) != 0) {
            return failed(
                    Kind.BAD_ATTRIBUTES,
                    "attributes 0x" + Integer.toHexString(attributes & 0xffff)
                            + ", a producer may set the codec only (mask 0x"
                            + Integer.toHexString(PRODUCER_ATTRIBUTES) + ")");
        }
        int count = BatchHeader.recordCount(b, at);
        int lastOffsetDelta = BatchHeader.lastOffsetDelta(b, at);
        if (count != lastOffsetDelta + 1) {
            return failed(Kind.BAD_COUNT, count + " records, the last offset delta is " + lastOffsetDelta);
        }
        return checkProducer(b, at);
    }

    private static BatchCheck checkFields(ByteBuffer b, int at) {
        int count = BatchHeader.recordCount(b, at);
        int lastOffsetDelta = BatchHeader.lastOffsetDelta(b, at);
        // Integer.MAX_VALUE would overflow the count of a dense batch
        if (lastOffsetDelta < 0 || lastOffsetDelta == Integer.MAX_VALUE) {
            return failed(Kind.BAD_COUNT, "last offset delta is " + lastOffsetDelta);
        }
        if (count < 0 || count > lastOffsetDelta + 1) {
            return failed(Kind.BAD_COUNT, count + " records, the last offset delta is " + lastOffsetDelta);
        }
        long baseOffset = BatchHeader.baseOffset(b, at);
        if (baseOffset < 0 || baseOffset >= Long.MAX_VALUE - lastOffsetDelta) {
            return failed(Kind.BAD_OFFSET, "base offset is " + baseOffset);
        }
        if (BatchHeader.codec(b, at) == null) {
            return failed(Kind.BAD_CODEC, "codec " + (BatchHeader.attributes(b, at) & BatchHeader.CODEC_MASK));
        }
        return VALID;
    }

    private static BatchCheck checkProducer(ByteBuffer b, int at) {
        long id = BatchHeader.producerId(b, at);
        short epoch = BatchHeader.producerEpoch(b, at);
        int sequence = BatchHeader.baseSequence(b, at);
        boolean idempotent = id >= 0 && epoch >= 0 && sequence >= 0;
        boolean plain = id == BatchHeader.NO_PRODUCER_ID
                && epoch == BatchHeader.NO_PRODUCER_EPOCH
                && sequence == BatchHeader.NO_SEQUENCE;
        return idempotent || plain
                ? VALID
                : failed(
                        Kind.BAD_PRODUCER,
                        "producer id " + id + ", epoch " + epoch + ", sequence " + sequence
                                + ": either all are set or all are -1");
    }

    private static BatchCheck failed(Kind kind, String detail) {
        return new BatchCheck(kind, detail);
    }
}
