// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.journal;

import io.varve.storage.LogId;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * A group in a file of the journal. Groups follow each other, each at the beginning of a block of 4 KiB.
 *
 * <pre>
 * 0  magic           int32
 * 4  crc             uint32  CRC32C of (directory id, the rest of this but the batches, which have their own): what a producer wrote, or another
 *                            directory, is no group
 * 8  sequence        int64   higher than of any group before, across files
 * 16 previous        int64   the group before that was flushed: one in between was given up
 * 24 floor           int64   the lowest sequence that is still needed
 * 32 entries         int32
 * 36 reserved        int32
 * 40 entries         topic id (16), partition int32, size int32 (bytes of a batch, or CUT), offset int64, the batch's own CRC32C uint32, reserved int32
 *    batches         in the order of the entries
 * </pre>
 */
final class GroupFormat {
    static final int BLOCK_BYTES = 4096;
    static final int GROUP_MAGIC = 0x5652_4752; // VRGR
    static final int CRC_AT = Integer.BYTES;
    static final int SEQUENCE_AT = CRC_AT + Integer.BYTES;
    static final int PREVIOUS_AT = SEQUENCE_AT + Long.BYTES;
    static final int FLOOR_AT = PREVIOUS_AT + Long.BYTES;
    static final int COUNT_AT = FLOOR_AT + Long.BYTES;
    static final int ENTRIES_AT = COUNT_AT + 2 * Integer.BYTES;
    static final int ENTRY_BYTES = 2 * Long.BYTES + 2 * Integer.BYTES + Long.BYTES + 2 * Integer.BYTES;
    /** The size of an entry that ends what the journal says of a log: from its offset on, the batches of entries before it are not the log's any more. */
    static final int CUT = -1;

    /** More than one group ever has: a count above it is damage. */
    static final int MAX_ENTRIES = 64 << 10;

    /** One line of a group: a batch, or a cut. The CRC tells a batch from another one of the same place that was there in an earlier life of the file. */
    record Entry(LogId log, int sizeBytes, long offset, int crc) {
        static Entry cut(LogId log, long offset) {
            return new Entry(log, CUT, offset, 0);
        }
    }

    private GroupFormat() {}

    static long aligned(long position) {
        return (position + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    }

    static ByteBuffer header(UUID directoryId, long sequence, long previous, long floor, List<Entry> entries) {
        ByteBuffer header = ByteBuffer.allocate(ENTRIES_AT + entries.size() * ENTRY_BYTES);
        header.putInt(GROUP_MAGIC).putInt(0).putLong(sequence).putLong(previous).putLong(floor);
        header.putInt(entries.size()).putInt(0);
        for (Entry entry : entries) {
            UUID topic = entry.log().topicId();
            header.putLong(topic.getMostSignificantBits()).putLong(topic.getLeastSignificantBits());
            header.putInt(entry.log().partition()).putInt(entry.sizeBytes()).putLong(entry.offset());
            header.putInt(entry.crc()).putInt(0);
        }
        return header.putInt(CRC_AT, crc(directoryId, header)).flip();
    }

    /** The entry at {@code index} of a whole header. */
    static Entry entry(ByteBuffer header, int index) {
        int at = ENTRIES_AT + index * ENTRY_BYTES;
        UUID topic = new UUID(header.getLong(at), header.getLong(at + Long.BYTES));
        at += 2 * Long.BYTES;
        return new Entry(
                new LogId(topic, header.getInt(at)),
                header.getInt(at + Integer.BYTES),
                header.getLong(at + 2 * Integer.BYTES),
                header.getInt(at + 2 * Integer.BYTES + Long.BYTES));
    }

    static int crc(UUID directoryId, ByteBuffer header) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(directoryId.getMostSignificantBits())
                .putLong(directoryId.getLeastSignificantBits())
                .flip());
        crc.update(header.array(), SEQUENCE_AT, header.capacity() - SEQUENCE_AT);
        return (int) crc.getValue();
    }
}
