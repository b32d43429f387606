// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * All that the log asks of a file system. What a power loss leaves is only what was forced: file contents by {@link StoreFile#force}, names by
 * {@link #forceDirectory}. No method follows a symbolic link below the directory it was given.
 *
 * <p><i>thread-safe</i>
 */
public interface FileStore {
    /** How a file is opened. */
    enum Mode {
        /** Must exist. */
        READ,
        /** Must exist; reads and writes. */
        WRITE,
        /** Must not exist. */
        CREATE,
        /** Emptied if it exists. */
        REPLACE
    }

    StoreFile open(Path file, Mode mode) throws IOException;

    boolean exists(Path path) throws IOException;

    /** False also for a link to a directory. */
    boolean isDirectory(Path path) throws IOException;

    /** Names of the entries, sorted. */
    List<String> list(Path directory) throws IOException;

    /** Creates the directory (0700) and what is missing above it; an existing one is left as it is. */
    void createDirectories(Path directory) throws IOException;

    /** Atomically takes over the target's name; both in one directory. */
    void rename(Path from, Path to) throws IOException;

    /** Deletes a file or an empty directory; a missing one is no error. */
    void delete(Path path) throws IOException;

    /** Makes the directory's entries durable. */
    void forceDirectory(Path directory) throws IOException;

    /** Takes an exclusive lock that the process's end gives back. Throws {@link LockedException} if another holds it. */
    Closeable lock(Path file) throws IOException;

    /** Bytes that this process may still write. */
    long freeBytes(Path directory) throws IOException;

    /** The lock is taken. */
    final class LockedException extends IOException {
        private static final long serialVersionUID = 1L;

        /** {@code holder} is what the holder wrote into the file: its process id. */
        public LockedException(Path file, String holder) {
            super(file + " is locked by process " + (holder.isBlank() ? "unknown" : holder.strip()));
        }
    }
}
