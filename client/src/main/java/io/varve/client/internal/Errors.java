// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal;

import io.grpc.Status;
import io.varve.client.ErrorCode;
import io.varve.client.ErrorDetails;
import io.varve.client.Outcome;
import io.varve.client.VarveException;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.Error;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Turns what nodes and connections say into {@link ErrorDetails}. <i>Thread-safe.</i> */
public final class Errors {
    private Errors() {}

    /** An error inside an answer. */
    public static ErrorDetails of(Error error) {
        return new ErrorDetails(
                code(ErrorReasons.grpcCode(error.getReason())),
                ErrorReasons.name(error.getReason()),
                error.getMessage(),
                error.getHint(),
                error.getRetriable(),
                error.getOutcome() == io.varve.proto.v1.Outcome.OUTCOME_NOT_APPLIED
                        ? Outcome.NOT_APPLIED
                        : Outcome.INDETERMINATE,
                error.getMetadataMap(),
                null);
    }

    /**
     * A call that failed as a whole: the error that the node sent with the status, or what the status alone says.
     *
     * @param what the call and the address, as the subject of a sentence: {@code GetMetadata at localhost:7171}
     */
    public static ErrorDetails of(Throwable failure, String what) {
        if (failure instanceof VarveException known) {
            return known.details();
        }
        Optional<Error> sent = ErrorReasons.fromThrowable(failure);
        if (sent.isPresent()) {
            return of(sent.get());
        }
        Status status = Status.fromThrowable(failure);
        String said = said(status, failure);
        return switch (status.getCode()) {
            case UNAVAILABLE, CANCELLED, ABORTED ->
                network(what + " failed: " + said, neverSent(failure) ? Outcome.NOT_APPLIED : Outcome.INDETERMINATE);
            case DEADLINE_EXCEEDED ->
                details(
                        status.getCode(),
                        "REQUEST_TIMED_OUT",
                        what + " was not answered in time",
                        true,
                        Outcome.INDETERMINATE);
            case UNIMPLEMENTED ->
                details(
                        status.getCode(),
                        "UNSUPPORTED_VERSION",
                        what + " is not something that this node can do: " + said,
                        false,
                        Outcome.NOT_APPLIED);
            case RESOURCE_EXHAUSTED ->
                details(
                        status.getCode(),
                        "THROTTLING_QUOTA_EXCEEDED",
                        what + " failed: " + said,
                        true,
                        Outcome.INDETERMINATE);
            default ->
                details(
                        status.getCode(),
                        "UNKNOWN_SERVER_ERROR",
                        what + " failed: " + said,
                        false,
                        Outcome.INDETERMINATE);
        };
    }

    /** A connection that cannot be made or was lost. */
    public static ErrorDetails network(String message, Outcome outcome) {
        return details(Status.Code.UNAVAILABLE, "NETWORK_EXCEPTION", message, true, outcome);
    }

    /** A condition that the client found by itself, before anything was sent. */
    public static ErrorDetails local(ErrorCode code, String reason, String message, String hint) {
        return new ErrorDetails(code, reason, message, hint, false, Outcome.NOT_APPLIED, Map.of(), null);
    }

    private static ErrorDetails details(
            Status.Code code, String reason, String message, boolean retriable, Outcome outcome) {
        return new ErrorDetails(code(code), reason, message, "", retriable, outcome, Map.of(), null);
    }

    private static ErrorCode code(Status.Code code) {
        return switch (code) {
            case OK -> ErrorCode.UNKNOWN;
            default -> ErrorCode.valueOf(code.name());
        };
    }

    private static boolean neverSent(Throwable failure) {
        return find(failure, ConnectException.class) != null || find(failure, UnknownHostException.class) != null;
    }

    private static String said(Status status, Throwable failure) {
        Throwable connect = find(failure, ConnectException.class);
        if (connect != null) {
            return "connection refused";
        }
        Throwable host = find(failure, UnknownHostException.class);
        if (host != null) {
            return "unknown host";
        }
        String description = status.getDescription();
        Throwable cause = status.getCause();
        if (description == null) {
            return cause == null ? status.getCode().toString() : String.valueOf(cause.getMessage());
        }
        return cause == null || cause.getMessage() == null
                ? description
                : description + " (" + cause.getMessage().lines().findFirst().orElse("") + ")";
    }

    private static <T extends Throwable> @Nullable Throwable find(Throwable failure, Class<T> type) {
        int depth = 0;
        for (Throwable t = failure; t != null && depth < 16; t = t.getCause(), depth++) {
            if (type.isInstance(t)) {
                return t;
            }
        }
        return null;
    }
}
