// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.directory;

import io.varve.storage.StorageException;
import io.varve.storage.StorageException.Kind;
import io.varve.storage.file.FileStore;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The lock that one process holds on a data directory. */
final class DirectoryLock {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryLock.class);

    private DirectoryLock() {}

    static Closeable take(FileStore files, Path directory) throws StorageException {
        try {
            return files.lock(directory.resolve(".lock"));
        } catch (FileStore.LockedException e) {
            throw new StorageException(Kind.LOCKED, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw StorageException.of(directory + ": locking", e);
        }
    }

    static void giveBack(Closeable lock) {
        try {
            lock.close();
        } catch (IOException e) {
            LOG.warn("giving the lock back failed: {}", e.toString());
        }
    }
}
