// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.EpochEntry;
import io.varve.storage.IoPool;
import io.varve.storage.LogId;
import io.varve.storage.StorageException;
import io.varve.storage.file.FileStore;
import io.varve.storage.journal.Journal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a log needs of the directory that it lives in.
 *
 * <p><i>thread-safe</i>
 */
public interface LogHome {
    FileStore files();

    /** The directory that holds one directory per log. */
    Path logsDirectory();

    IoPool ioPool();

    /** Flushes many logs at once. */
    Journal journal();

    /** Durable when it returns. */
    void epochBegan(LogId id, EpochEntry entry) throws IOException;

    /** Forgets the epochs that begin at {@code endOffset} or above; durable when it returns. */
    void epochsCut(LogId id, long endOffset) throws IOException;

    /** Removes all files of a log, at once for who looks after a crash; durable when it returns. */
    void filesGone(LogId id) throws IOException;

    /** Writes the checkpoints of all logs; durable when it returns. */
    void checkpoint() throws StorageException;

    /**
     * Whether a flush failed in the life of this page cache: the kernel may then show bytes as clean that never reached the disk, and only writing them
     * again gets them there.
     */
    boolean flushFailedBefore();

    /** Whether the process before closed this directory with every log flushed: no file and no name is left to be made durable. */
    boolean closedCleanly();

    /** A flush failed: nothing in this directory can be trusted to become durable any more (P36). */
    void goOffline(StorageException cause);

    Optional<StorageException> failure();
}
