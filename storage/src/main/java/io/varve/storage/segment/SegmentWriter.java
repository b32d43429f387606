// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.Chunk;
import io.varve.storage.file.FileStore;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Appends to the last segment of a log: one gathering write per run of chunks, no copy, no look at a record.
 *
 * <p><i>confined to the log's I/O task</i>
 */
final class SegmentWriter {
    /** Positions and relative offsets in index entries are 32 bits. */
    private static final long MAX_RELATIVE = Integer.MAX_VALUE;

    private final Segment segment;
    private final StoreFile file;
    private final IndexBuilder index;

    private SegmentWriter(Segment segment, StoreFile file, IndexBuilder index) {
        this.segment = segment;
        this.file = file;
        this.index = index;
    }

    /** Creates the file of a new segment; its name is not durable yet. */
    static SegmentWriter create(FileStore files, Segment segment, int indexIntervalBytes) throws IOException {
        StoreFile file = files.open(segment.path(), FileStore.Mode.CREATE);
        return new SegmentWriter(segment, file, new IndexBuilder(segment, indexIntervalBytes));
    }

    /** Goes on with a recovered segment. */
    static SegmentWriter resume(FileStore files, Segment segment, int indexIntervalBytes) throws IOException {
        StoreFile file = files.open(segment.path(), FileStore.Mode.WRITE);
        return new SegmentWriter(segment, file, IndexBuilder.resume(segment, indexIntervalBytes));
    }

    Segment segment() {
        return segment;
    }

    /** How many chunks from {@code from} on go into this segment; at least one if it is empty. */
    int fitting(List<Chunk> chunks, int from, int segmentSizeBytes) {
        long size = segment.sizeBytes();
        int next = from;
        while (next < chunks.size()) {
            Chunk chunk = chunks.get(next);
            boolean fits = size + chunk.sizeBytes() <= segmentSizeBytes
                    && chunk.lastOffset() - segment.baseOffset() < MAX_RELATIVE;
            if (size > 0 && !fits) {
                break;
            }
            size += chunk.sizeBytes();
            next++;
        }
        return next - from;
    }

    /** Writes {@code count} chunks. If that fails, those that were written whole are published before the exception leaves. */
    void write(List<Chunk> chunks, int from, int count) throws IOException {
        ByteBuffer[] buffers = new ByteBuffer[count];
        for (int i = 0; i < count; i++) {
            buffers[i] = chunks.get(from + i).nioBuffer();
        }
        int done = 0;
        try {
            long at = segment.sizeBytes();
            while (done < count) {
                at += file.write(buffers, done, count - done, at); // may be short
                while (done < count && !buffers[done].hasRemaining()) {
                    done++;
                }
            }
        } finally {
            publish(chunks, from, done);
        }
    }

    private void publish(List<Chunk> chunks, int from, int count) {
        if (count == 0) {
            return;
        }
        long position = segment.sizeBytes();
        for (int i = from; i < from + count; i++) {
            Chunk chunk = chunks.get(i);
            index.see(chunk.baseOffset(), position, chunk.maxTimestamp());
            position += chunk.sizeBytes();
        }
        segment.publish(chunks.get(from + count - 1).endOffset(), position, index.newestTimestamp());
    }

    void force() throws IOException {
        file.force();
    }

    /** Cuts the segment at a batch that begins at {@code offset} and {@code position}, durably, and its index with it. */
    void cut(long offset, long position) throws IOException {
        segment.publish(offset, position, segment.newestTimestamp());
        file.truncate(position);
        file.force();
        segment.index().openPrefix(offset, Math.max(1, position));
    }

    void close() throws IOException {
        file.close();
    }
}
