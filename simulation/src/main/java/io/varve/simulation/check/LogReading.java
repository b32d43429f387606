// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import java.util.ArrayList;
import java.util.List;

/** Reads a real log from its start to its written end. */
public final class LogReading {
    private static final int READ_BYTES = 1 << 20;

    private LogReading() {}

    /** Every batch, each CRC computed anew. */
    public static List<BatchSeen> written(PartitionLog log, ByteBufAllocator allocator) throws StorageException {
        List<BatchSeen> all = new ArrayList<>();
        long end = log.writtenEndOffset();
        long at = log.logStartOffset();
        while (at < end) {
            ByteBuf bytes = log.read(at, READ_BYTES, end, allocator);
            try {
                List<BatchSeen> some = BatchId.checked(bytes.nioBuffer());
                if (some.isEmpty()) {
                    break;
                }
                all.addAll(some);
                at = some.get(some.size() - 1).endOffset();
            } finally {
                bytes.release();
            }
        }
        return all;
    }
}
