// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

/**
 * The node cannot start (or be formatted), and the operator can do something about it: a reason for scripts, one
 * sentence that names the thing, the way out. Shown without a stack trace.
 */
public final class StartFailure extends Exception {

    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final String hint;

    /** Why, with the process's exit code. */
    public enum Reason {
        USAGE(2),
        INVALID_CONFIG(2),
        NOT_FORMATTED(4),
        ALREADY_FORMATTED(4),
        DIRECTORY_IN_USE(4),
        DIRECTORY_UNUSABLE(1),
        DIRECTORY_DAMAGED(1),
        DIRECTORY_FOREIGN(4),
        DISK_LOST(4),
        INCONSISTENT_CLUSTER_ID(4),
        INCONSISTENT_NODE_ID(4),
        DUPLICATE_BROKER_REGISTRATION(4),
        ADDRESS_IN_USE(4),
        ADDRESS_UNUSABLE(1),
        QUORUM_UNAVAILABLE(1),
        DISK_FULL(1),
        KAFKA_STORAGE_ERROR(1),
        UNKNOWN_SERVER_ERROR(1);

        private final int exitCode;

        Reason(int exitCode) {
            this.exitCode = exitCode;
        }

        public int exitCode() {
            return exitCode;
        }
    }

    public StartFailure(Reason reason, String message, String hint) {
        super(message);
        this.reason = reason;
        this.hint = hint;
    }

    public StartFailure(Reason reason, String message, String hint, Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.hint = hint;
    }

    public Reason reason() {
        return reason;
    }

    /** What to do about it; empty when there is nothing to add. */
    public String hint() {
        return hint;
    }
}
