// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import java.util.Map;

/**
 * The one way for a command to end without success: what the user reads, and the exit code that a script sees. Never
 * shown with a stack trace. Immutable.
 */
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitStatus status;
    private final String code;
    private final String reason;
    private final String hint;
    private final transient Map<String, String> metadata;

    /**
     * @param code the broad kind: a canonical RPC code such as {@code NOT_FOUND}
     * @param reason a constant like {@code UNKNOWN_TOPIC_OR_PARTITION}
     * @param message one sentence that names the thing
     * @param hint the way out; empty when there is nothing to add
     */
    public CommandFailure(
            ExitStatus status, String code, String reason, String message, String hint, Map<String, String> metadata) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.reason = reason;
        this.hint = hint;
        this.metadata = Map.copyOf(metadata);
    }

    public CommandFailure(ExitStatus status, String reason, String message, String hint) {
        this(status, status.rpcCode(), reason, message, hint, Map.of());
    }

    public static CommandFailure usage(String message, String hint) {
        return new CommandFailure(ExitStatus.USAGE, "USAGE", message, hint);
    }

    /** The same failure with another hint, where the command knows a better way out than the server. */
    public CommandFailure withHint(String other) {
        return new CommandFailure(status, code, reason, message(), other, metadata);
    }

    /** The same failure told in another sentence. */
    public CommandFailure withMessage(String other) {
        return new CommandFailure(status, code, reason, other, hint, metadata);
    }

    public ExitStatus status() {
        return status;
    }

    public String code() {
        return code;
    }

    public String reason() {
        return reason;
    }

    public String message() {
        return String.valueOf(getMessage());
    }

    public String hint() {
        return hint;
    }

    public Map<String, String> metadata() {
        return metadata;
    }
}
