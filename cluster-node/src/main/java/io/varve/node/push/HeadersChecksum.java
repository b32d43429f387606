// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import io.netty.buffer.ByteBuf;
import io.varve.record.BatchHeader;
import io.varve.storage.LogId;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * CRC-32C of what a batch's own checksum leaves out, and of where the batch belongs: topic id, partition, and the header
 * of each batch (P12). <i>Confined to one append.</i>
 */
final class HeadersChecksum {

    private static final int PARTITION_BYTES = 2 * Long.BYTES + Integer.BYTES;

    private final CRC32C crc = new CRC32C();
    private final byte[] scratch = new byte[BatchHeader.SIZE_BYTES];

    HeadersChecksum(LogId partition) {
        ByteBuffer.wrap(scratch)
                .putLong(partition.topicId().getMostSignificantBits())
                .putLong(partition.topicId().getLeastSignificantBits())
                .putInt(partition.partition());
        crc.update(scratch, 0, PARTITION_BYTES);
    }

    /** @param batch at least as long as a header */
    void add(ByteBuf batch) {
        batch.getBytes(batch.readerIndex(), scratch);
        crc.update(scratch);
    }

    int value() {
        return (int) crc.getValue();
    }
}
