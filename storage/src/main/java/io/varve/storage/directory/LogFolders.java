// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.directory;

import io.varve.storage.LogId;
import io.varve.storage.StorageException;
import io.varve.storage.StorageException.Kind;
import io.varve.storage.file.FileStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directories below {@code logs}: {@code ID} of a log, {@code ID.deleted} on its way out, {@code ID.MILLIS.stray} set aside, {@code ID.MILLIS.damaged}
 * set aside because another copy took its place.
 *
 * <p><i>thread-safe</i>
 */
final class LogFolders {
    private static final Logger LOG = LoggerFactory.getLogger(LogFolders.class);
    private static final String DELETED = ".deleted";
    private static final String STRAY = ".stray";
    private static final String DAMAGED = ".damaged";

    private final FileStore files;
    private final Path logs;
    private final InstantSource clock;

    LogFolders(FileStore files, Path logs, InstantSource clock) {
        this.files = files;
        this.logs = logs;
        this.clock = clock;
    }

    /** Finishes what a crash interrupted, and returns the logs that the catalogue does not know: it lost them, for a folder comes after its entry. */
    List<LogId> settle(Catalogue catalogue) throws IOException {
        if (!files.isDirectory(logs)) {
            throw new StorageException(Kind.FOREIGN, logs + " is no directory");
        }
        List<LogId> known = catalogue.ids();
        List<LogId> adopted = new ArrayList<>();
        for (String name : files.list(logs)) {
            if (name.endsWith(DELETED)) {
                deleteFolder(logs.resolve(name));
                continue;
            }
            Optional<LogId> id = parse(name);
            if (id.isEmpty()) {
                continue;
            }
            if (!files.isDirectory(logs.resolve(name))) {
                throw new StorageException(Kind.FOREIGN, logs.resolve(name) + " is no directory");
            }
            if (catalogue.wentBefore(id.get())) {
                delete(id.get());
            } else if (!known.contains(id.get())) {
                LOG.warn("log {}: the catalogue has lost it; taken up again", id.get());
                adopted.add(id.get());
            }
        }
        return adopted;
    }

    private static Optional<LogId> parse(String name) {
        try {
            return Optional.of(LogId.parse(name));
        } catch (IllegalArgumentException notALog) {
            return Optional.empty();
        }
    }

    void delete(LogId id) throws IOException {
        deleteFolder(logs.resolve(id + DELETED)); // of an earlier time, which did not come to its end
        moveAndThen(id, id + DELETED);
        deleteFolder(logs.resolve(id + DELETED));
    }

    void setAside(LogId id) throws IOException {
        moveAside(id, STRAY);
    }

    void setAsideDamaged(LogId id) throws IOException {
        moveAside(id, DAMAGED);
    }

    /** Under a name that none has: the clock may have been set back. */
    private void moveAside(LogId id, String suffix) throws IOException {
        long millis = clock.millis();
        while (files.exists(logs.resolve(id + "." + millis + suffix))) {
            millis++;
        }
        moveAndThen(id, id + "." + millis + suffix);
    }

    private void moveAndThen(LogId id, String name) throws IOException {
        if (files.exists(logs.resolve(id.toString()))) {
            files.rename(logs.resolve(id.toString()), logs.resolve(name));
            files.forceDirectory(logs);
        }
    }

    int deleteStrays(Duration age) throws StorageException {
        return delete(STRAY, age, Integer.MAX_VALUE);
    }

    int deleteDamaged(Duration age, int most) throws StorageException {
        return delete(DAMAGED, age, most);
    }

    /** Oldest first. */
    private int delete(String suffix, Duration age, int most) throws StorageException {
        long limit = clock.millis() - age.toMillis();
        int count = 0;
        try {
            List<Aside> aside = setAside(suffix);
            for (Aside each : aside) {
                if (each.millis < limit || aside.size() - count > most) {
                    deleteFolder(logs.resolve(each.name));
                    count++;
                }
            }
        } catch (IOException e) {
            throw StorageException.of(logs + ": deleting what was set aside", e);
        }
        return count;
    }

    private record Aside(String name, long millis) {}

    /** What was set aside for this reason, oldest first. */
    private List<Aside> setAside(String suffix) throws IOException {
        List<Aside> aside = new ArrayList<>();
        for (String name : files.list(logs)) {
            int dot = name.indexOf('.');
            if (dot >= 0 && name.endsWith(suffix)) {
                aside.add(new Aside(name, millis(name, dot, suffix)));
            }
        }
        aside.sort(Comparator.comparingLong(Aside::millis).thenComparing(Aside::name));
        return aside;
    }

    private static long millis(String name, int dot, String suffix) {
        String digits = name.substring(dot + 1, Math.max(dot + 1, name.length() - suffix.length()));
        return digits.matches("[0-9]{1,18}") ? Long.parseLong(digits) : Long.MAX_VALUE;
    }

    private void deleteFolder(Path folder) throws IOException {
        if (!files.exists(folder)) {
            return;
        }
        for (String name : files.list(folder)) {
            files.delete(folder.resolve(name));
        }
        files.delete(folder);
    }
}
