// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.file.FileStore;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.nio.file.Path;

/** A flush failed, whatever the reason: what the disk holds is not known any more, and trying again proves nothing (P36). */
final class FlushFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    private FlushFailedException(IOException cause) {
        super(cause.getMessage(), cause);
    }

    static void force(StoreFile file) throws FlushFailedException {
        try {
            file.force();
        } catch (IOException e) {
            throw new FlushFailedException(e);
        }
    }

    static void forceDirectory(FileStore files, Path directory) throws FlushFailedException {
        try {
            files.forceDirectory(directory);
        } catch (IOException e) {
            throw new FlushFailedException(e);
        }
    }
}
