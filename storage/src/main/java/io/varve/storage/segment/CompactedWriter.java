// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.record.BatchHeader;
import io.varve.record.BatchThinner;
import io.varve.storage.file.FileStore;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Writes the file of a compacted segment. Neighbouring batches that nothing is left of become one empty batch, as far as one epoch and 32 bits go.
 *
 * <p><i>confined to one thread</i>
 */
final class CompactedWriter implements AutoCloseable {
    private static final int BUFFER_BYTES = 256 * 1024;
    /** Little by little, so that the flushes of others never wait for a whole segment. */
    private static final long FLUSH_BYTES = 4 << 20;

    private final StoreFile file;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private long position;
    private long flushedPosition;
    private long newestTimestamp = SegmentIndex.NO_TIMESTAMP;
    // the run of offsets without records that was not written yet
    private long emptyFrom;
    private long emptyUntil;
    private int emptyEpoch;
    private long emptyTimestamp;

    CompactedWriter(FileStore files, Path path) throws IOException {
        file = files.open(path, FileStore.Mode.REPLACE);
    }

    /** A batch that stays as it is in {@code batch}. */
    void add(ByteBuffer batch, int at) throws IOException {
        writeEmpty();
        newestTimestamp = Math.max(newestTimestamp, BatchHeader.maxTimestamp(batch, at));
        write(batch, at, BatchHeader.sizeInBytes(batch, at));
    }

    /** A batch of which only its offsets stay, and its time: how old a segment is must not depend on what was compacted. */
    void addEmpty(ByteBuffer batch, int at) throws IOException {
        long from = BatchHeader.baseOffset(batch, at);
        long until = BatchHeader.nextOffset(batch, at);
        int epoch = BatchHeader.partitionLeaderEpoch(batch, at);
        boolean joins = emptyUntil > emptyFrom && emptyEpoch == epoch && until - emptyFrom < Integer.MAX_VALUE;
        if (!joins) {
            writeEmpty();
            emptyFrom = from;
            emptyEpoch = epoch;
            emptyTimestamp = SegmentIndex.NO_TIMESTAMP;
        }
        emptyUntil = until;
        emptyTimestamp = Math.max(emptyTimestamp, BatchHeader.maxTimestamp(batch, at));
    }

    private void writeEmpty() throws IOException {
        if (emptyUntil > emptyFrom) {
            newestTimestamp = Math.max(newestTimestamp, emptyTimestamp);
            ByteBuffer empty = BatchThinner.empty(emptyFrom, emptyUntil, emptyEpoch, emptyTimestamp);
            emptyUntil = emptyFrom;
            write(empty, 0, empty.limit());
        }
    }

    private void write(ByteBuffer batch, int at, int size) throws IOException {
        ByteBuffer source = batch.duplicate().position(at).limit(at + size);
        while (source.hasRemaining()) {
            int count = Math.min(source.remaining(), buffer.remaining());
            buffer.put(source.duplicate().limit(source.position() + count));
            source.position(source.position() + count);
            if (!buffer.hasRemaining()) {
                drain();
            }
        }
    }

    private void drain() throws IOException {
        buffer.flip();
        int count = buffer.remaining();
        if (position + count > Integer.MAX_VALUE) {
            throw new IOException("a compacted segment would have more than " + Integer.MAX_VALUE + " bytes");
        }
        file.writeFully(buffer, position);
        position += count;
        buffer.clear();
        if (position - flushedPosition >= FLUSH_BYTES) {
            force();
        }
    }

    private void force() throws IOException {
        FlushFailedException.force(file);
        flushedPosition = position;
    }

    /** Everything is durable when it returns, but for the file's name. */
    void finish() throws IOException {
        writeEmpty();
        drain();
        force();
    }

    long sizeBytes() {
        return position + buffer.position();
    }

    long newestTimestamp() {
        return newestTimestamp;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
