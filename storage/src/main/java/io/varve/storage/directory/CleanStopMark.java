// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.directory;

import io.varve.storage.file.FileStore;
import io.varve.storage.file.SmallFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Says that a directory was closed with every log flushed and checkpointed. Gone, durably, before anything of the directory is written again, so it
 * speaks only of what lies there; without it, opening makes everything durable once more.
 *
 * <p><i>confined to the thread that opens or closes the directory</i>
 */
final class CleanStopMark {
    private static final long MAGIC = 0x5652_5643_4c4e_5331L; // VRVCLNS1

    private final FileStore files;
    private final Path directory;
    private final Path path;

    CleanStopMark(FileStore files, Path directory) {
        this.files = files;
        this.directory = directory;
        path = directory.resolve(".closed");
    }

    void set() throws IOException {
        SmallFile.replace(files, path, MAGIC, ByteBuffer.allocate(0));
    }

    /** Whether it was there; it is not from now on. */
    boolean take() throws IOException {
        if (!files.exists(path)) {
            return false;
        }
        boolean whole = SmallFile.read(files, path, MAGIC).isPresent();
        files.delete(path);
        files.forceDirectory(directory);
        return whole;
    }
}
