// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.record.BatchCheck;
import io.varve.record.BatchHeader;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Whether bytes are the batch that must stand at their place: size, CRC, density (I9) and the epoch chain. Together they cover every byte (I22). */
final class BatchVerdict {
    private BatchVerdict() {}

    /** What is wrong with the batch at {@code at}, or null. */
    static @Nullable String problem(
            ByteBuffer b, int at, int available, int maxBatchBytes, long expectedOffset, EpochChain chain) {
        BatchCheck check = BatchCheck.check(b, at, available, maxBatchBytes);
        if (!check.isValid()) {
            return check.kind() + ": " + check.detail();
        }
        long baseOffset = BatchHeader.baseOffset(b, at);
        if (baseOffset != expectedOffset) {
            return "batch at offset " + baseOffset + ", expected " + expectedOffset;
        }
        int epoch = BatchHeader.partitionLeaderEpoch(b, at);
        if (!chain.agrees(baseOffset, BatchHeader.nextOffset(b, at), epoch)) {
            return "batch [" + baseOffset + ", " + BatchHeader.nextOffset(b, at) + ") of epoch " + epoch
                    + ", the epoch chain is " + chain;
        }
        return null;
    }
}
