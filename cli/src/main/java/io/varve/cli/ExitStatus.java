// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import io.varve.client.ErrorCode;

/** How a command ends: the exit codes of the command line. Numbers never change, scripts depend on them. */
public enum ExitStatus {
    OK(0, "OK"),
    FAILURE(1, "UNKNOWN"),
    /** The command or the request makes no sense as it is: repeating it does not help. */
    USAGE(2, "INVALID_ARGUMENT"),
    NOT_FOUND(3, "NOT_FOUND"),
    /** Something is there already, taken, or not in the state that the command needs. */
    CONFLICT(4, "FAILED_PRECONDITION"),
    DENIED(5, "PERMISSION_DENIED"),
    /** Nobody answers, or not in time. */
    UNAVAILABLE(6, "UNAVAILABLE"),
    /** Some of several items succeeded. */
    PARTIAL(7, "ABORTED"),
    /** The command worked, and what it looked at is not well. */
    UNHEALTHY(10, "FAILED_PRECONDITION");

    private final int code;
    private final String rpcCode;

    ExitStatus(int code, String rpcCode) {
        this.code = code;
        this.rpcCode = rpcCode;
    }

    public int code() {
        return code;
    }

    /** The canonical RPC code that stands for this status where there is no finer one. */
    public String rpcCode() {
        return rpcCode;
    }

    static ExitStatus of(ErrorCode code) {
        return switch (code) {
            case INVALID_ARGUMENT, OUT_OF_RANGE -> USAGE;
            case NOT_FOUND -> NOT_FOUND;
            case ALREADY_EXISTS, FAILED_PRECONDITION, ABORTED -> CONFLICT;
            case PERMISSION_DENIED, UNAUTHENTICATED -> DENIED;
            case UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED -> UNAVAILABLE;
            case CANCELLED, UNKNOWN, UNIMPLEMENTED, INTERNAL, DATA_LOSS -> FAILURE;
        };
    }
}
