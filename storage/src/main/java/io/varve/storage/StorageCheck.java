// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import io.varve.storage.directory.DirectoryCheck;
import io.varve.storage.file.FileStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads every byte of a data directory, or of one log in it, and says what is wrong. Changes nothing and takes no lock: of a node that runs, what is just
 * being written may look torn.
 *
 * <p><i>confined to one thread</i>
 */
public final class StorageCheck {
    private final List<Finding> findings = new ArrayList<>();
    private long fileCount;
    private long bytes;
    private long batches;

    /** How bad it is. */
    public enum Severity {
        /** Worth knowing, and as it may be: a torn end after a crash, something that was set aside. */
        NOTE,
        /** Not what was written, and made good by a start of the node without another node. */
        REBUILT,
        /** Not what was written, and only another replica, or a person, can make it good. */
        DAMAGED
    }

    /**
     * One thing that is wrong.
     *
     * @param position byte in the file, -1 if it is about all of it
     * @param offset of the first record that is concerned, -1 if that cannot be said
     */
    public record Finding(Path file, Severity severity, long position, long offset, String problem, String remedy) {}

    /** Looks at a directory as {@link DataDirectory} describes it, or at one below its {@code logs}. */
    public static StorageCheck of(FileStore files, Path path) throws StorageException {
        StorageCheck check = new StorageCheck();
        DirectoryCheck.check(files, path, check);
        return check;
    }

    public void found(Finding finding) {
        findings.add(finding);
    }

    /** A file was read. */
    public void read(long fileBytes, long fileBatches) {
        fileCount++;
        bytes += fileBytes;
        batches += fileBatches;
    }

    public List<Finding> findings() {
        return findings;
    }

    /** How many findings are more than notes. */
    public long problems() {
        return findings.stream()
                .filter(finding -> finding.severity() != Severity.NOTE)
                .count();
    }

    public long fileCount() {
        return fileCount;
    }

    public long bytes() {
        return bytes;
    }

    public long batches() {
        return batches;
    }
}
