// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The records of a run of whole batches, in order. Each batch is checked with its CRC before its first record is given out; a compressed batch is
 * decompressed at once, into at most {@code maxDecompressedBytes}, whatever sizes it declares.
 *
 * <p>{@link #hasNext} and {@link #next} throw {@link InvalidBatchException} at a bad batch; records of earlier batches stay valid. The buffer's position
 * and limit are not moved, but it must not be read with relative calls by another thread meanwhile. Confined to one thread.
 */
public final class BatchReader implements Iterator<LogRecord> {
    private final ByteBuffer bytes;
    private final int maxDecompressedBytes;
    private final boolean withControl;
    private final int end;

    // Invariant: nextBatchAt is the start of the batch after the open one, or of the first
    private int nextBatchAt;
    private long nextOffset;

    // The open batch; recordsLeft == 0 when there is none
    private @Nullable RecordCursor cursor;
    private int recordsLeft;
    private int openAt;
    private int minOffsetDelta;

    private BatchReader(ByteBuffer run, int maxDecompressedBytes, boolean withControl) {
        this.bytes = run.duplicate();
        this.maxDecompressedBytes = maxDecompressedBytes;
        this.withControl = withControl;
        this.nextBatchAt = run.position();
        this.end = run.limit();
        this.nextOffset = run.remaining() < Long.BYTES ? 0 : BatchHeader.baseOffset(run, run.position());
    }

    /** What an application sees: control batches are skipped. Reads from position to limit. */
    public static BatchReader of(ByteBuffer run, int maxDecompressedBytes) {
        return new BatchReader(run, maxDecompressedBytes, false);
    }

    /** Everything, for tools; {@link #isControl} tells which records are the cluster's. */
    public static BatchReader withControl(ByteBuffer run, int maxDecompressedBytes) {
        return new BatchReader(run, maxDecompressedBytes, true);
    }

    @Override
    public boolean hasNext() {
        while (recordsLeft == 0) {
            if (nextBatchAt == end) {
                return false;
            }
            openBatch();
        }
        return true;
    }

    @Override
    public LogRecord next() {
        if (!hasNext() || cursor == null) {
            throw new NoSuchElementException();
        }
        LogRecord record = cursor.read(
                BatchHeader.baseOffset(bytes, openAt),
                minOffsetDelta,
                BatchHeader.lastOffsetDelta(bytes, openAt),
                BatchHeader.baseTimestamp(bytes, openAt),
                BatchHeader.timestampType(bytes, openAt) == TimestampType.LOG_APPEND_TIME
                        ? (Long) BatchHeader.maxTimestamp(bytes, openAt)
                        : null);
        minOffsetDelta = (int) (record.offset() - BatchHeader.baseOffset(bytes, openAt)) + 1;
        nextOffset = record.offset() + 1;
        if (--recordsLeft == 0) {
            closeBatch(cursor);
        }
        return record;
    }

    /**
     * Where to go on reading: the offset after everything given out or skipped so far. After the last record of a batch this is the batch's end, which
     * may be further than the record's offset + 1.
     */
    public long nextOffset() {
        return nextOffset;
    }

    /** Whether the record last given out is of a control batch. */
    public boolean isControl() {
        return BatchHeader.isControl(bytes, openAt);
    }

    private void openBatch() {
        int at = nextBatchAt;
        BatchCheck check = BatchCheck.check(bytes, at, end - at, Integer.MAX_VALUE);
        if (!check.isValid()) {
            throw new InvalidBatchException(check.kind(), "batch at byte " + at + ": " + check.detail());
        }
        int batchEnd = at + BatchHeader.sizeInBytes(bytes, at);
        int count = BatchHeader.recordCount(bytes, at);
        if (count == 0 || (BatchHeader.isControl(bytes, at) && !withControl)) {
            nextOffset = BatchHeader.nextOffset(bytes, at);
        } else {
            cursor = records(at, batchEnd);
            openAt = at;
            recordsLeft = count;
            minOffsetDelta = 0;
        }
        nextBatchAt = batchEnd;
    }

    private void closeBatch(RecordCursor open) {
        if (!open.isAtEnd()) {
            throw new InvalidBatchException(
                    BatchCheck.Kind.BAD_RECORD,
                    "bytes after the last of " + BatchHeader.recordCount(bytes, openAt) + " records");
        }
        nextOffset = BatchHeader.nextOffset(bytes, openAt);
        cursor = null;
    }

    private RecordCursor records(int at, int batchEnd) {
        int from = at + BatchHeader.SIZE_BYTES;
        Codec codec = BatchHeader.codec(bytes, at);
        if (codec == null) {
            throw new IllegalStateException("unknown codec in a batch that passed the check");
        }
        if (codec == Codec.NONE) {
            return new RecordCursor(bytes, from, batchEnd);
        }
        ByteBuffer records = Compression.decompress(codec, bytes, from, batchEnd - from, maxDecompressedBytes);
        return new RecordCursor(records, 0, records.limit());
    }
}
