// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.directory;

import io.varve.storage.DataDirectory;
import io.varve.storage.DirectoryIdentity;
import io.varve.storage.DirectorySettings;
import io.varve.storage.StorageException;
import io.varve.storage.file.FileStore;
import java.nio.file.Path;

/** Bodies follow. */
public final class OpenDirectory {
    private OpenDirectory() {}

    public static void format(FileStore files, Path path, DirectoryIdentity identity) throws StorageException {
        throw new UnsupportedOperationException(path.toString());
    }

    public static DirectoryIdentity identify(FileStore files, Path path) throws StorageException {
        throw new UnsupportedOperationException(path.toString());
    }

    public static DataDirectory open(FileStore files, Path path, DirectorySettings settings) throws StorageException {
        throw new UnsupportedOperationException(path.toString());
    }
}
