// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.directory;

import io.varve.storage.DirectoryIdentity;
import io.varve.storage.file.FileStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks whether the files that all logs share still say what was written to them. <i>Confined to one call.</i> */
final class DirectoryScrub {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryScrub.class);

    private final FileStore files;
    private final Path path;
    private final DirectoryIdentity identity;
    private final List<String> damaged = new ArrayList<>();

    /** Looks at a file that its owner guards, and writes it anew if need be. */
    interface Look {
        boolean isIntact() throws IOException;
    }

    DirectoryScrub(FileStore files, Path path, DirectoryIdentity identity) {
        this.files = files;
        this.path = path;
        this.identity = identity;
    }

    /** Names of those that were damaged, and are written anew. */
    List<String> run(Catalogue catalogue, EpochFile epochs, Look checkpoints) throws IOException {
        note("catalogue", catalogue.scrub());
        note("epochs", epochs.scrub());
        note(MetaFile.NAME, MetaFile.scrub(files, path, identity));
        note("checkpoints", checkpoints.isIntact());
        return damaged;
    }

    private void note(String name, boolean intact) {
        if (!intact) {
            LOG.warn("{}: was damaged, and is written anew", path.resolve(name));
            damaged.add(name);
        }
    }
}
