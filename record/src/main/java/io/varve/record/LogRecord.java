// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One record as read. Key, value and header values are views of the batch's memory, or of its decompressed copy: they live as long as that memory,
 * and nobody may write to them. <i>Immutable</i> under that condition.
 *
 * @param timestampMs milliseconds since 1970, or -1 when the producer gave none
 */
public record LogRecord(
        long offset,
        long timestampMs,
        @Nullable ByteBuffer key,
        @Nullable ByteBuffer value,
        List<RecordHeader> headers) {}
