// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import io.varve.storage.file.FileStore;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Data directories for tests. */
final class Directories {
    static final Path ROOT = Path.of("/data");
    static final LogId LOG = new LogId(new UUID(1, 2), 0);
    static final DirectoryIdentity IDENTITY =
            new DirectoryIdentity(new UUID(3, 4), 1, new UUID(5, 6), DirectoryIdentity.FORMAT_VERSION);

    private Directories() {}

    static DataDirectory format(FileStore files, Path path, LogSettings settings) throws StorageException {
        DataDirectory.format(files, path, IDENTITY);
        return open(files, path, settings);
    }

    static DataDirectory open(FileStore files, Path path, LogSettings settings) throws StorageException {
        return open(files, path, settings, IoPool.of(Runnable::run));
    }

    static DataDirectory open(FileStore files, Path path, LogSettings settings, IoPool ioPool) throws StorageException {
        return open(files, path, settings, ioPool, JournalSettings.DEFAULT);
    }

    static DataDirectory open(FileStore files, Path path, LogSettings settings, IoPool ioPool, JournalSettings journal)
            throws StorageException {
        InstantSource clock = InstantSource.fixed(Instant.ofEpochMilli(1_000_000));
        return DataDirectory.open(files, path, new DirectorySettings(ioPool, settings, clock, journal));
    }

    /** One pass of retention, as a leader makes it. */
    static long retain(PartitionLog log, long nowMillis, long highWatermark) throws StorageException {
        return log.expireBelow(log.retentionStart(nowMillis, highWatermark), highWatermark)
                .join();
    }

    /** Notes what a log tells. */
    static final class Listener implements LogListener {
        final List<String> heard = new ArrayList<>();
        long written;
        long flushed;

        @Override
        public synchronized void onProgress(long writtenEndOffset, long flushedEndOffset) {
            written = writtenEndOffset;
            flushed = flushedEndOffset;
            heard.add("progress " + writtenEndOffset + " " + flushedEndOffset);
        }

        @Override
        public synchronized void onFailure(StorageException cause, long writtenEndOffset, long flushedEndOffset) {
            written = writtenEndOffset;
            flushed = flushedEndOffset;
            heard.add("failure " + cause.kind() + " " + writtenEndOffset + " " + flushedEndOffset);
        }

        @Override
        public synchronized void onRoll(long baseOffset) {
            heard.add("roll " + baseOffset);
        }
    }
}
