// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import java.io.IOException;

/**
 * Something the log on disk could not do. The {@link Kind} says what a caller may do about it; the message names the file or log and both numbers.
 *
 * <p><i>immutable</i>
 */
public final class StorageException extends IOException {
    private static final long serialVersionUID = 1L;

    /** What went wrong, as far as a caller acts on it. */
    public enum Kind {
        /** No space (or quota, or inodes). Reads go on; the log takes appends again after {@link PartitionLog#reopen()}. */
        DISK_FULL,
        /** The operating system refused an operation. A failed flush is never retried (P36): the directory is offline until it is opened anew. */
        IO,
        /** Bytes that were once durable are wrong (P34). They are never served and never cut. */
        DAMAGED,
        /** The log or directory was closed, failed before or was deleted. */
        CLOSED,
        /** A read below the log's start or above its end. */
        OUT_OF_RANGE,
        /** Another process uses the directory. */
        LOCKED,
        /** The directory was never formatted. */
        NOT_FORMATTED,
        /** The directory belongs to another cluster, node or product, or was written by a newer version. */
        FOREIGN
    }

    private final Kind kind;

    public StorageException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public StorageException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** Wraps what the operating system said; {@code doing} is the first half of the sentence, as in "log a-0: write at 17". */
    public static StorageException of(String doing, IOException cause) {
        if (cause instanceof StorageException known) {
            return known;
        }
        String said = String.valueOf(cause.getMessage());
        // The JDK has no type for these: strerror(ENOSPC) and strerror(EDQUOT) are all it passes on.
        boolean full = said.contains("No space left") || said.contains("quota exceeded");
        return new StorageException(full ? Kind.DISK_FULL : Kind.IO, doing + " failed: " + said, cause);
    }
}
