// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.directory;

import io.varve.storage.LogId;
import io.varve.storage.StorageCheck;
import io.varve.storage.StorageCheck.Finding;
import io.varve.storage.StorageCheck.Severity;
import io.varve.storage.StorageException;
import io.varve.storage.StorageException.Kind;
import io.varve.storage.file.FileStore;
import io.varve.storage.segment.Checkpoint;
import io.varve.storage.segment.LogCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Every file of a data directory, read only. <i>Confined to one thread.</i> */
public final class DirectoryCheck {
    private final FileStore files;
    private final Path path;
    private final StorageCheck check;

    private DirectoryCheck(FileStore files, Path path, StorageCheck check) {
        this.files = files;
        this.path = path;
        this.check = check;
    }

    /** See {@link StorageCheck#of}. */
    public static void check(FileStore files, Path path, StorageCheck check) throws StorageException {
        try {
            if (!files.isDirectory(path)) {
                throw new StorageException(Kind.NOT_FORMATTED, path + " is no directory");
            }
            boolean whole = files.exists(path.resolve(MetaFile.NAME)) || files.isDirectory(path.resolve("logs"));
            if (whole) {
                new DirectoryCheck(files, path, check).run();
            } else {
                new LogCheck(files, path, null, null, check).run();
            }
        } catch (IOException e) {
            throw StorageException.of(path + ": reading it", e);
        }
    }

    private void run() throws IOException {
        try {
            MetaFile.read(files, path);
            check.read(0, 0);
        } catch (StorageException e) {
            String remedy = "the node does not start; restore the file, or replace the disk as a lost one";
            found(MetaFile.NAME, Severity.DAMAGED, String.valueOf(e.getMessage()), remedy);
        }
        Catalogue catalogue = Catalogue.inspect(files, path.resolve("catalogue"));
        shared("catalogue", catalogue.damaged(), "the next start takes up the logs that are there");
        EpochFile epochs = EpochFile.inspect(files, path.resolve("epochs"));
        shared("epochs", epochs.damaged(), "the next start builds them from the batches");
        @Nullable
        Map<LogId, Checkpoint> checkpoints = new Checkpoints(files, path).read().orElse(null);
        boolean wanted = checkpoints == null && !catalogue.ids().isEmpty();
        shared("checkpoints", wanted, "the next start checks every last segment in full");
        Set<LogId> ids = new TreeSet<>(catalogue.ids());
        folders(ids);
        for (LogId id : ids) {
            Checkpoint checkpoint = checkpoints == null ? null : checkpoints.getOrDefault(id, Checkpoint.NONE);
            var chain = epochs.damaged() || epochs.chain(id).entries().isEmpty() ? null : epochs.chain(id);
            new LogCheck(files, path.resolve("logs").resolve(id.toString()), chain, checkpoint, check).run();
        }
    }

    private void shared(String name, boolean damaged, String remedy) {
        check.read(0, 0);
        if (damaged) {
            found(name, Severity.REBUILT, "is damaged or lost", remedy);
        }
    }

    private void folders(Set<LogId> ids) throws IOException {
        for (String name : files.list(path.resolve("logs"))) {
            try {
                if (ids.add(LogId.parse(name))) {
                    found("logs/" + name, Severity.NOTE, "the catalogue has no entry", "the next start takes it up");
                }
            } catch (IllegalArgumentException notALog) {
                found(
                        "logs/" + name,
                        Severity.NOTE,
                        "is no log that is in use",
                        "it was set aside, or is on its way out");
            }
        }
    }

    private void found(String name, Severity severity, String problem, String remedy) {
        check.found(new Finding(path.resolve(name), severity, -1, -1, problem, remedy));
    }
}
