// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.StorageException;
import io.varve.storage.StorageException.Kind;
import io.varve.storage.file.FileStore;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One file of consecutive batches and its index. Readers share one file handle that is opened on first use and counted: a segment can be deleted while it
 * is read, its bytes stay until the last reader leaves.
 *
 * <p>Invariant: the bytes below {@link #sizeBytes} are whole batches of the offsets from {@link #baseOffset} to {@link #endOffset}, and written.
 *
 * <p><i>thread-safe</i>, with one writer
 */
final class Segment {
    private final FileStore files;
    private final Path directory;
    private final long baseOffset;
    private final SegmentIndex index;
    /** Of one that has not its name yet. */
    private volatile @Nullable Path otherPath; // volatile: changed under this, read by anybody
    /** What took its place, set before it is refused to new readers. */
    private volatile @Nullable Segment successor;
    // volatile: published by the one writer, read by any reader
    private volatile long endOffset;
    private volatile long newestTimestamp = SegmentIndex.NO_TIMESTAMP;
    private volatile long sizeBytes;
    private @Nullable StoreFile file; // guarded by this
    private int users; // guarded by this
    private boolean usedLately; // guarded by this
    private boolean deleted; // guarded by this

    Segment(FileStore files, Path directory, long baseOffset) {
        this(files, directory, baseOffset, null);
    }

    /** One whose file has another name as yet. */
    Segment(FileStore files, Path directory, long baseOffset, @Nullable Path path) {
        this.files = files;
        this.directory = directory;
        otherPath = path;
        this.baseOffset = baseOffset;
        endOffset = baseOffset;
        index = new SegmentIndex(files, directory, baseOffset);
    }

    long baseOffset() {
        return baseOffset;
    }

    long endOffset() {
        return endOffset;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    /** The highest timestamp of all batches, {@link SegmentIndex#NO_TIMESTAMP} if none has one. */
    long newestTimestamp() {
        return newestTimestamp;
    }

    SegmentIndex index() {
        return index;
    }

    /** Made when it is asked for: a node has thousands of segments that nobody touches. */
    Path path() {
        Path other = otherPath;
        return other != null ? other : directory.resolve(SegmentNames.of(baseOffset, SegmentNames.LOG));
    }

    /** Makes what was written visible. The size comes last: a reader that sees it sees the rest. */
    void publish(long newEndOffset, long newSizeBytes, long newNewestTimestamp) {
        endOffset = newEndOffset;
        newestTimestamp = newNewestTimestamp;
        sizeBytes = newSizeBytes;
    }

    /** The file for one reader, who or whose like will soon come again; give it back with {@link #release}. */
    StoreFile acquire() throws IOException {
        return acquire(true);
    }

    /** The file for who looks into every log of a node now and then, and must not leave thousands of them open. */
    StoreFile acquireBriefly() throws IOException {
        return acquire(false);
    }

    private synchronized StoreFile acquire(boolean lasting) throws IOException {
        if (deleted) {
            throw new StorageException(Kind.OUT_OF_RANGE, path() + " was deleted meanwhile");
        }
        StoreFile open = file;
        if (open == null || !open.isOpen()) {
            open = files.open(path(), FileStore.Mode.READ);
            file = open;
        }
        users++;
        usedLately |= lasting;
        return open;
    }

    synchronized void release() throws IOException {
        users--;
        if (users == 0 && (deleted || !usedLately)) {
            close();
        }
    }

    /** What took its place when the log was compacted, null if nothing did. */
    @Nullable
    Segment successor() {
        return successor;
    }

    /** Sends new readers to {@code next}; those at work go on with the file as it is. */
    void replacedBy(Segment next) throws IOException {
        successor = next;
        retire();
    }

    /** Gives the file another name, also while it is read. */
    synchronized void rename(Path to) throws IOException {
        files.rename(path(), to);
        otherPath = to;
    }

    /** Closes the readers' handle if nobody has used it since the last call. */
    synchronized void closeIfIdle() throws IOException {
        if (users == 0 && !usedLately) {
            close();
        }
        usedLately = false;
    }

    /** Refuses new readers and removes the names; the bytes go when the last reader does. */
    void delete() throws IOException {
        retire();
        index.delete();
        files.delete(path());
    }

    /** Refuses new readers; the files stay. */
    synchronized void retire() throws IOException {
        deleted = true;
        if (users == 0) {
            close();
        }
    }

    private void close() throws IOException { // holds this
        StoreFile open = file;
        if (open != null) {
            file = null;
            open.close();
        }
    }

    @Override
    public String toString() {
        return path() + " [" + baseOffset + ", " + endOffset + "), " + sizeBytes + " bytes";
    }
}
