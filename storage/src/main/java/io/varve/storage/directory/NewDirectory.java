// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.directory;

import io.varve.storage.DirectoryIdentity;
import io.varve.storage.StorageException;
import io.varve.storage.StorageException.Kind;
import io.varve.storage.file.FileStore;
import java.io.IOException;
import java.nio.file.Path;

/** A data directory before it is opened: made of an empty one, or asked whose it is. */
public final class NewDirectory {
    private NewDirectory() {}

    public static void format(FileStore files, Path path, DirectoryIdentity identity) throws StorageException {
        try {
            files.createDirectories(path);
            for (String name : files.list(path)) {
                boolean ours = name.equals("raft") || name.equals("lost+found") || name.endsWith(".tmp");
                if (!ours && !name.equals("catalogue") && !name.equals("epochs") && !name.equals("logs")) {
                    throw new StorageException(
                            Kind.FOREIGN, path + " is not empty: it holds " + name + "; nothing was changed");
                }
            }
            files.createDirectories(path.resolve("logs"));
            Catalogue.create(files, path.resolve("catalogue"));
            EpochFile.create(files, path.resolve("epochs"));
            MetaFile.write(files, path, identity); // last: it makes the directory a formatted one
            Path parent = path.getParent();
            if (parent != null) {
                files.forceDirectory(parent);
            }
        } catch (IOException e) {
            throw StorageException.of(path + ": format", e);
        }
    }

    /** See {@link io.varve.storage.DataDirectory#identify}. */
    public static DirectoryIdentity identify(FileStore files, Path path) throws StorageException {
        return MetaFile.read(files, path);
    }
}
