// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.journal;

import io.varve.storage.LogId;
import io.varve.storage.file.FileStore;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * One file of the journal, written from its beginning to its end, then again from its beginning once no log needs it any more.
 *
 * <p><i>confined to the journal's write lock</i>
 */
final class JournalFile {
    private final Path path;
    private final StoreFile file;
    private final Map<LogId, Long> ends = new TreeMap<>();
    private long position;
    private long firstSequence;
    /** Made because a cut had to go somewhere: takes nothing else until it is used again. */
    private boolean extra;

    private boolean unneeded;
    private boolean freeing;

    private JournalFile(Path path, StoreFile file) {
        this.path = path;
        this.file = file;
    }

    static JournalFile create(FileStore files, Path path) throws IOException {
        StoreFile file = files.open(path, FileStore.Mode.REPLACE);
        Path directory = path.getParent();
        if (directory != null) {
            files.forceDirectory(directory);
        }
        return new JournalFile(path, file);
    }

    Path path() {
        return path;
    }

    /** Begins anew, with the group of this sequence. */
    void begin(long sequence) {
        firstSequence = sequence;
        position = 0;
        unneeded = false;
        ends.clear();
    }

    void extra(boolean value) {
        extra = value;
    }

    boolean isExtra() {
        return extra;
    }

    long firstSequence() {
        return firstSequence;
    }

    long position() {
        return position;
    }

    /** Writes a group; it counts only after {@link #flushed}. */
    void write(ByteBuffer[] group) throws IOException {
        long at = position;
        int done = 0;
        while (done < group.length) {
            at += file.write(group, done, group.length - done, at); // may be short
            while (done < group.length && !group[done].hasRemaining()) {
                done++;
            }
        }
    }

    void force() throws IOException {
        file.force();
    }

    /** The group of this many bytes is durable. */
    void flushed(long groupBytes) {
        position = GroupFormat.aligned(position + groupBytes);
    }

    /** A batch of the log is in this file. */
    void noteEnd(GroupFormat.Entry entry) {
        if (entry.sizeBytes() != GroupFormat.CUT) {
            ends.merge(entry.log(), entry.offset() + 1, Math::max);
        }
    }

    boolean reaches(LogId log, long offset) {
        return ends.getOrDefault(log, 0L) > offset;
    }

    void noteCut(LogId log, long offset) {
        ends.computeIfPresent(log, (id, end) -> Math.min(end, offset));
    }

    /** The logs whose batches are in here, each with an offset behind the base offset of its last one. */
    Map<LogId, Long> ends() {
        return new TreeMap<>(ends); // in one order, whatever the process
    }

    /** Every log has flushed its own file since: what is in here may be overwritten once all older files may. */
    void becomesUnneeded() {
        unneeded = true;
    }

    boolean unneeded() {
        return unneeded;
    }

    boolean freeing() {
        return freeing;
    }

    void freeing(boolean value) {
        freeing = value;
    }

    void close() throws IOException {
        file.close();
    }
}
