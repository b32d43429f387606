// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.file.FileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The sparse index of one segment: {@code .index} (offset to position) and {@code .timeindex} (newest timestamp before, to relative offset), entry by
 * entry in step. Both are hints: the log is the truth, a gap only costs a longer walk, and what is absent or wrong is built anew from the log. Hence
 * they are never flushed as they grow, and only the last few entries are in memory.
 *
 * <p>A sealed segment's files end in one more entry, of the segment's end offset, size and newest timestamp: its presence proves that the segment was
 * whole when it was rolled.
 *
 * <p>One writer; lookups by any thread. <i>thread-safe</i> in that sense
 */
final class SegmentIndex {
    private static final int PENDING = 64;
    /** The timestamp of no record. */
    static final long NO_TIMESTAMP = -1;

    private final FileStore files;
    private final Path directory;
    private final long baseOffset;
    private List<IndexEntry> pending = List.of(); // guarded by this
    private int inFile; // guarded by this
    private int lastPosition; // guarded by this; of the entry that was added last
    private boolean rebuilding; // guarded by this

    SegmentIndex(FileStore files, Path directory, long baseOffset) {
        this.files = files;
        this.directory = directory;
        this.baseOffset = baseOffset;
    }

    private IndexFile offsets() {
        return new IndexFile(files, directory, SegmentNames.INDEX, baseOffset);
    }

    private IndexFile times() {
        return new IndexFile(files, directory, SegmentNames.TIME_INDEX, baseOffset);
    }

    private IndexEntry first() {
        return new IndexEntry(baseOffset, 0, NO_TIMESTAMP);
    }

    /** Remembers one more entry; goes to the files when enough are together. Entries come in the order of the log. */
    void add(IndexEntry entry) throws IOException {
        boolean full;
        synchronized (this) {
            keep(entry);
            lastPosition = entry.position();
            full = pending.size() >= PENDING;
        }
        if (full) {
            writePending();
        }
    }

    /** Completes the files of a segment that takes no more batches. */
    void seal(long endOffset, int sizeBytes, long newestTimestamp) throws IOException {
        synchronized (this) {
            keep(new IndexEntry(endOffset, sizeBytes, newestTimestamp));
        }
        writePending();
    }

    private void keep(IndexEntry entry) { // holds this
        if (pending.isEmpty()) {
            pending = new ArrayList<>();
        }
        pending.add(entry);
    }

    /** Puts what is in memory into the files; does nothing when there is nothing. */
    void writePending() throws IOException {
        List<IndexEntry> entries;
        int before;
        synchronized (this) {
            if (pending.isEmpty()) {
                return;
            }
            entries = List.copyOf(pending);
            before = inFile;
        }
        IndexFile offsets = offsets();
        IndexFile times = times();
        int written = 0;
        try {
            ByteBuffer offsetBytes = ByteBuffer.allocate(entries.size() * IndexFile.ENTRY_BYTES);
            ByteBuffer timeBytes = ByteBuffer.allocate(entries.size() * IndexFile.ENTRY_BYTES);
            for (IndexEntry entry : entries) {
                offsets.putEntry(offsetBytes, entry.offset(), entry.position());
                times.putEntry(timeBytes, entry.newestBefore(), (int) (entry.offset() - baseOffset));
            }
            offsets.write(offsetBytes.flip(), before);
            times.write(timeBytes.flip(), before);
            written = entries.size();
        } finally {
            synchronized (this) { // after a failure a gap: the next entries overwrite what was half written
                inFile = before + written;
                pending = List.of();
            }
        }
    }

    /** The last entry at or below {@code offset}; its timestamp is not filled in. */
    IndexEntry floor(long offset) throws IOException, DamagedIndexException {
        int count;
        synchronized (this) {
            for (int i = pending.size() - 1; i >= 0; i--) {
                if (pending.get(i).offset() <= offset) {
                    return pending.get(i);
                }
            }
            count = inFile;
        }
        if (count == 0) {
            return first();
        }
        ByteBuffer found = offsets().floor(offset, count);
        return found.limit() == 0
                ? first()
                : new IndexEntry(found.getLong(0), found.getInt(IndexFile.VALUE_AT), NO_TIMESTAMP);
    }

    /** An offset before which every record is older than {@code timestamp}: the highest one that an entry knows. */
    long offsetBefore(long timestamp) throws IOException, DamagedIndexException {
        int count;
        synchronized (this) {
            for (int i = pending.size() - 1; i >= 0; i--) {
                if (pending.get(i).newestBefore() < timestamp) {
                    return pending.get(i).offset();
                }
            }
            count = inFile;
        }
        if (count == 0) {
            return baseOffset;
        }
        ByteBuffer found = times().floor(timestamp - 1, count);
        return found.limit() == 0 ? baseOffset : baseOffset + found.getInt(IndexFile.VALUE_AT);
    }

    /**
     * Opens the files of a sealed segment: the newest timestamp, if they are complete for a segment of this end and size.
     *
     * @return false if they are not: build them anew
     */
    boolean openSealed(long endOffset, long sizeBytes, long[] newestTimestamp) throws IOException {
        IndexFile offsets = offsets();
        IndexFile times = times();
        ByteBuffer lastOffset = offsets.last();
        ByteBuffer lastTime = times.last();
        if (lastOffset.limit() == 0 || lastTime.limit() == 0) {
            return false;
        }
        boolean complete = lastOffset.getLong(0) == endOffset
                && lastOffset.getInt(IndexFile.VALUE_AT) == sizeBytes
                && lastTime.getInt(IndexFile.VALUE_AT) == endOffset - baseOffset
                && offsets.countInFile() == times.countInFile();
        if (complete) {
            newestTimestamp[0] = lastTime.getLong(0);
            synchronized (this) {
                inFile = offsets.countInFile();
            }
        }
        return complete;
    }

    /** What is wrong with a file; not damaged if it only is not complete, which a crash may leave. */
    record Problem(Path file, boolean damaged, String what) {}

    /** Looks at both files as they are; {@code sealed} ones must be complete. */
    List<Problem> problems(long endOffset, long sizeBytes, boolean sealed) throws IOException {
        List<Problem> problems = new ArrayList<>();
        for (IndexFile file : List.of(offsets(), times())) {
            ByteBuffer bytes = file.readAll();
            int whole = bytes.limit() / IndexFile.ENTRY_BYTES;
            for (int i = 0; i < whole; i++) {
                if (!file.isEntry(bytes, i * IndexFile.ENTRY_BYTES)) {
                    problems.add(new Problem(file.path(), true, "entry " + i + " of " + whole + " is damaged"));
                    break;
                }
            }
        }
        if (problems.isEmpty() && sealed && !isIntact(endOffset, sizeBytes)) {
            problems.add(new Problem(offsets().path(), false, "is not complete"));
        }
        return problems;
    }

    /** Whether the files of a sealed segment are complete, and every entry is what was written. */
    boolean isIntact(long endOffset, long sizeBytes) throws IOException {
        IndexFile offsets = offsets();
        IndexFile times = times();
        ByteBuffer offsetBytes = offsets.readAll();
        ByteBuffer timeBytes = times.readAll();
        int size = offsetBytes.limit();
        if (size == 0 || size % IndexFile.ENTRY_BYTES != 0 || timeBytes.limit() != size) {
            return false;
        }
        for (int at = 0; at < size; at += IndexFile.ENTRY_BYTES) {
            if (!offsets.isEntry(offsetBytes, at) || !times.isEntry(timeBytes, at)) {
                return false;
            }
        }
        int last = size - IndexFile.ENTRY_BYTES;
        return offsetBytes.getLong(last) == endOffset
                && offsetBytes.getInt(last + IndexFile.VALUE_AT) == sizeBytes
                && timeBytes.getInt(last + IndexFile.VALUE_AT) == endOffset - baseOffset;
    }

    /**
     * Opens the files of a segment that will grow: keeps the intact entries below {@code endOffset} and returns the last one, one of the segment's start if
     * there is none. Everything behind them is cut off.
     */
    IndexEntry openPrefix(long endOffset, long sizeBytes) throws IOException {
        IndexFile offsets = offsets();
        IndexFile times = times();
        ByteBuffer offsetBytes = offsets.readAll();
        ByteBuffer timeBytes = times.readAll();
        int most = Math.min(offsetBytes.limit(), timeBytes.limit()) / IndexFile.ENTRY_BYTES;
        IndexEntry last = first();
        int count = 0;
        while (count < most) {
            int at = count * IndexFile.ENTRY_BYTES;
            if (!offsets.isEntry(offsetBytes, at) || !times.isEntry(timeBytes, at)) {
                break;
            }
            IndexEntry entry = new IndexEntry(
                    offsetBytes.getLong(at), offsetBytes.getInt(at + IndexFile.VALUE_AT), timeBytes.getLong(at));
            boolean follows = entry.offset() > last.offset()
                    && entry.position() > last.position()
                    && entry.newestBefore() >= last.newestBefore()
                    && entry.offset() - baseOffset == timeBytes.getInt(at + IndexFile.VALUE_AT);
            if (!follows || entry.offset() >= endOffset || entry.position() >= sizeBytes) {
                break;
            }
            last = entry;
            count++;
        }
        if (offsetBytes.limit() != count * IndexFile.ENTRY_BYTES
                || timeBytes.limit() != count * IndexFile.ENTRY_BYTES) {
            offsets.cut(count);
            times.cut(count);
        }
        synchronized (this) {
            inFile = count;
            lastPosition = last.position();
            pending = List.of();
        }
        return last;
    }

    /** Forgets everything; lookups begin at the segment's start until entries are added again. */
    void reset() throws IOException {
        offsets().cut(0);
        times().cut(0);
        synchronized (this) {
            inFile = 0;
            lastPosition = 0;
            pending = List.of();
        }
    }

    /** Where the batch of the newest entry stands: the next one is due an interval behind it. */
    synchronized int lastPosition() {
        return lastPosition;
    }

    /** Stops using what is in the files; the next entries replace them. For the index that is growing, beside its writer. */
    synchronized void distrust() {
        inFile = 0;
    }

    /** Whether the caller is the one who may build a sealed segment's index anew, or replace it, until {@link #endRebuild}. */
    synchronized boolean beginRebuild() {
        boolean mine = !rebuilding;
        rebuilding = true;
        return mine;
    }

    synchronized void endRebuild() {
        rebuilding = false;
    }

    void delete() throws IOException {
        offsets().delete();
        times().delete();
    }
}
