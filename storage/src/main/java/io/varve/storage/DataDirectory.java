// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import io.varve.storage.directory.NewDirectory;
import io.varve.storage.directory.OpenDirectory;
import io.varve.storage.file.FileStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One data directory, held under a lock for as long as it is open: whose it is, which logs it has, and the few files they share.
 *
 * <pre>
 * meta.properties   cluster id, node id, directory id, format version
 * .lock             held by the process whose id is inside
 * catalogue         which logs exist: append-only
 * epochs            all epoch chains: append-only, durable before the first batch of an epoch is written
 * checkpoints       high watermark, recovery point and log start of all logs: replaced as a whole
 * journal/NN.journal  what was flushed for many logs at once
 * logs/ID/BASE.log, .index, .timeindex, .producers, and damaged if it is
 * </pre>
 *
 * <p>Open, delete, set aside, start afresh and close wait for tasks of the I/O pool, by {@link IoPool#await} only; nothing else waits for another thread. What is done
 * depends on the calls, the files and {@link DirectorySettings#clock}, on no other clock, chance or order of hashes: a run can be repeated.
 *
 * <p><i>thread-safe</i>; every method but {@link #logs}, {@link #find}, {@link #identity} and {@link #failure} blocks on files
 */
public interface DataDirectory extends AutoCloseable {
    /** Makes {@code path} a data directory, creating it (0700) if need be; refuses (FOREIGN) one that already is one or is not empty. */
    static void format(FileStore files, Path path, DirectoryIdentity identity) throws StorageException {
        NewDirectory.format(files, path, identity);
    }

    /** Whose directory it is, without taking the lock. NOT_FORMATTED, FOREIGN (newer version) or DAMAGED if that cannot be said. */
    static DirectoryIdentity identify(FileStore files, Path path) throws StorageException {
        return NewDirectory.identify(files, path);
    }

    /** Takes the lock and recovers every log, several at a time on the settings' I/O pool. Damaged logs are there too and say so. */
    static DataDirectory open(FileStore files, Path path, DirectorySettings settings) throws StorageException {
        return OpenDirectory.open(files, path, settings);
    }

    DirectoryIdentity identity();

    Path path();

    /** All logs at this moment, in order of their ids. */
    Map<LogId, PartitionLog> logs();

    Optional<PartitionLog> find(LogId id);

    /** Durably notes a new log, empty and without a directory until its first append; an existing one is returned with the new settings. */
    PartitionLog create(LogId id, LogSettings settings) throws StorageException;

    /** Durably forgets a log and deletes its files. Readers at work finish first. Unknown ids are ignored. */
    void delete(LogId id) throws StorageException;

    /** Sets a log aside that the metadata does not know: forgotten like a deleted one, its files kept under {@code ID.MILLIS.stray}. */
    void setAside(LogId id) throws StorageException;

    /**
     * Begins a log anew, empty and at 0, whose files are damaged (P34): they are kept under {@code logs/ID.MILLIS.damaged}, with their mark. Whoever calls
     * this has nobody left who uses the old one, and knows another copy. A crash on the way leaves a log that is still damaged, or the new one.
     */
    PartitionLog startAfresh(LogId id) throws StorageException;

    /** Deletes damaged files that were set aside more than {@code age} ago, and the oldest beyond {@code most} logs; returns how many logs. */
    int deleteDamaged(Duration age, int most) throws StorageException;

    /**
     * Looks whether the files that all logs share still say what was written to them, and writes anew what does not.
     *
     * @return names of those that were damaged
     */
    List<String> scrub() throws StorageException;

    /** Deletes what was set aside more than {@code age} ago; returns how many logs. */
    int deleteStrays(Duration age) throws StorageException;

    /** Writes the checkpoints of all logs, durably. Recovery begins at the recovery points of the last one. */
    void checkpoint() throws StorageException;

    /** What the file system has left for this process. */
    long freeBytes() throws StorageException;

    /** Why the directory is offline: a flush has failed (P36) and every log of it with it. */
    Optional<StorageException> failure();

    /** Sets who hears, once, on an I/O thread, that the directory went offline. */
    void onOffline(Consumer<StorageException> listener);

    /**
     * Releases what is staged and touches no file: the memory of a simulated process that died. Only on a stepwise pool, whose steps are dropped with it.
     * Nothing that is under way ever completes.
     */
    void abandon();

    /** Writes and flushes what is staged, checkpoints and unlocks. Idempotent. */
    @Override
    void close() throws StorageException;
}
