// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

/**
 * The voter must not start, and why: a sentence for the operator. Nothing was changed on disk.
 */
public final class RaftStartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final String hint;

    /** What is wrong, by what the process should answer. */
    public enum Kind {
        /** The directory was never formatted. */
        NOT_FORMATTED,
        /** The directory belongs to another cluster, node or disk. */
        FOREIGN,
        /** Another process uses the directory. */
        LOCKED,
        /** The Raft log was there once and is gone: the voter must not come back under its old name. */
        DISK_LOST,
        /** The Raft log or its snapshots are damaged beyond a torn end. */
        DAMAGED,
        /** Too little free space. */
        DISK_FULL,
        /** The address is taken or not ours. */
        ADDRESS,
        /** Anything else. */
        OTHER
    }

    public RaftStartException(Kind kind, String message, String hint, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.hint = hint;
    }

    public RaftStartException(Kind kind, String message, String hint) {
        super(message);
        this.kind = kind;
        this.hint = hint;
    }

    public Kind kind() {
        return kind;
    }

    /** What to do about it; may be empty. */
    public String hint() {
        return hint;
    }
}
