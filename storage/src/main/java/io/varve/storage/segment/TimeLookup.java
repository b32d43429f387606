// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.varve.record.BatchHeader;
import io.varve.record.BatchReader;
import io.varve.record.InvalidBatchException;
import io.varve.record.LogRecord;
import io.varve.storage.StorageException;
import io.varve.storage.TimestampOffset;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the first record at or after a time. Timestamps need not be in order: segments and index entries are skipped only when everything before them
 * is older.
 *
 * <p><i>thread-safe</i>
 */
final class TimeLookup {
    /** More than a batch may hold once decompressed: it is then answered by its first offset. */
    private static final int MAX_DECOMPRESSED_BYTES = 64 << 20;

    private final LogState state;
    private final ColdReads reads;

    TimeLookup(LogState state, ColdReads reads) {
        this.state = state;
        this.reads = reads;
    }

    Optional<TimestampOffset> find(long timestamp, long endOffset) throws StorageException {
        reads.requireServed();
        long end = Math.min(endOffset, state.writtenEndOffset);
        long start = state.logStartOffset;
        Segments segments = state.segments;
        for (int i = Math.max(0, segments.floorIndex(start)); i < segments.all().size(); i++) {
            Segment segment = segments.all().get(i);
            if (segment.baseOffset() >= end) {
                break;
            }
            if (segment.newestTimestamp() >= timestamp) {
                Optional<TimestampOffset> found =
                        reads.in(segment, (s, file) -> Optional.ofNullable(findIn(s, file, timestamp, start, end)));
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private @Nullable TimestampOffset findIn(Segment segment, StoreFile file, long timestamp, long start, long end)
            throws IOException {
        long from = Math.max(start, reads.finder().offsetBefore(segment, file, timestamp));
        if (from >= Math.min(end, segment.endOffset())) {
            return null;
        }
        HeaderWalk walk = reads.finder().find(segment, file, from);
        while (walk.offset() < end && walk.next()) {
            if (walk.maxTimestamp() >= timestamp) {
                TimestampOffset found = findInBatch(walk, timestamp, start, end);
                if (found != null) {
                    return found;
                }
            }
            walk.step();
        }
        if (walk.problem() != null) {
            throw reads.finder().damaged(segment, walk);
        }
        return null;
    }

    private @Nullable TimestampOffset findInBatch(HeaderWalk walk, long timestamp, long start, long end)
            throws StorageException {
        ByteBuf batch = reads.read(Math.max(start, walk.offset()), 1, Long.MAX_VALUE, UnpooledByteBufAllocator.DEFAULT);
        try {
            ByteBuffer bytes = batch.nioBuffer();
            int epoch = walk.leaderEpoch();
            try {
                BatchReader records = BatchReader.of(bytes, MAX_DECOMPRESSED_BYTES);
                while (records.hasNext()) {
                    LogRecord record = records.next();
                    if (record.offset() >= end) {
                        return null;
                    }
                    if (record.offset() >= start && record.timestampMs() >= timestamp) {
                        return new TimestampOffset(record.offset(), record.timestampMs(), epoch);
                    }
                }
                return null;
            } catch (InvalidBatchException unreadable) {
                // nobody can read its records; one of them is said to be new enough
                long first = Math.max(start, walk.offset());
                return first < end
                        ? new TimestampOffset(first, BatchHeader.maxTimestamp(walk.header(), walk.at()), epoch)
                        : null;
            }
        } finally {
            batch.release();
        }
    }
}
