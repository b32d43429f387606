// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.directory;

import io.varve.storage.file.FileStore;
import io.varve.storage.file.FileStore.Mode;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An empty file that says: a flush has failed. After that the page cache shows bytes as clean that never reached the disk, to the next process as well, and a
 * later flush of them succeeds without doing anything. The file is not flushed: it needs to live only as long as the page cache that it warns of.
 *
 * <p><i>thread-safe</i>
 */
final class FlushFailureMark {
    private static final Logger LOG = LoggerFactory.getLogger(FlushFailureMark.class);

    private static final int ATTEMPTS = 3;

    private final FileStore files;
    private final Path path;

    FlushFailureMark(FileStore files, Path directory) {
        this.files = files;
        path = directory.resolve(".flush-failed");
    }

    boolean isSet() throws IOException {
        return files.exists(path);
    }

    /** More than once if need be: it is a disk with errors, and without the mark the next start takes lost bytes for flushed ones. */
    void set() {
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            try {
                files.open(path, Mode.REPLACE).close();
                return;
            } catch (IOException e) {
                LOG.warn("{}: {}, attempt {} of {}", path, e.toString(), attempt, ATTEMPTS);
            }
        }
    }

    void clear() throws IOException {
        if (isSet()) {
            files.delete(path);
        }
    }
}
