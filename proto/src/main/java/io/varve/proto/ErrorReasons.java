// SPDX-License-Identifier: Apache-2.0
package io.varve.proto;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Options;
import io.varve.proto.v1.Outcome;
import io.varve.proto.v1.ReasonMapping;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How each reason of `error.proto` is presented to gRPC and Kafka clients, read from the options of the enum's values,
 * and how a whole call carries an {@link Error}. *Thread-safe.*
 */
public final class ErrorReasons {
    /** The trailer that carries the {@link Error} of a call that failed as a whole. */
    public static final Metadata.Key<Error> TRAILER =
            Metadata.Key.of("varve-error-bin", ProtoUtils.metadataMarshaller(Error.getDefaultInstance()));

    private static final String PREFIX = "ERROR_REASON_";
    private static final Map<ErrorReason, ReasonMapping> MAPPINGS = mappings();
    private static final ReasonMapping UNKNOWN = mapping(ErrorReason.ERROR_REASON_UNSPECIFIED);

    private ErrorReasons() {}

    /** The mapping of a reason; that of {@code UNSPECIFIED} for a number that this build does not know. */
    public static ReasonMapping of(ErrorReason reason) {
        return MAPPINGS.getOrDefault(reason, UNKNOWN);
    }

    /** The name without its prefix, as people see it: {@code UNKNOWN_TOPIC_ID}. */
    public static String name(ErrorReason reason) {
        String name = reason.name();
        return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
    }

    public static Status.Code grpcCode(ErrorReason reason) {
        return Status.fromCodeValue(of(reason).getGrpcCode()).getCode();
    }

    /** The name of its status code in gRPC, for programs that show it and do not speak gRPC themselves. */
    public static String grpcCodeName(ErrorReason reason) {
        return grpcCode(reason).name();
    }

    public static boolean isRetriable(ErrorReason reason) {
        return of(reason).getRetriable();
    }

    /** An error that certainly changed nothing, without hint or details. */
    public static Error error(ErrorReason reason, String message) {
        return error(reason, message, "", Outcome.OUTCOME_NOT_APPLIED, Map.of());
    }

    /**
     * @param message a sentence that names the thing and both numbers
     * @param hint the way out; empty when there is nothing to add
     */
    public static Error error(
            ErrorReason reason, String message, String hint, Outcome outcome, Map<String, String> metadata) {
        return Error.newBuilder()
                .setReason(reason)
                .setMessage(message)
                .setHint(hint)
                .setRetriable(isRetriable(reason))
                .setOutcome(outcome)
                .putAllMetadata(metadata)
                .build();
    }

    /**
     * The exception that ends a call with this error: the status code of its reason, a description for programs that
     * know nothing of Varve, and the error itself in {@link #TRAILER}.
     */
    public static StatusRuntimeException toStatus(Error error) {
        Metadata trailers = new Metadata();
        trailers.put(TRAILER, error);
        return Status.fromCodeValue(of(error.getReason()).getGrpcCode())
                .withDescription(describe(error))
                .asRuntimeException(trailers);
    }

    /** The error that a failed call carries, looked for along the causes; empty when there is none, or a damaged one. */
    public static Optional<Error> fromThrowable(Throwable failure) {
        int depth = 0;
        for (Throwable t = failure; t != null && depth < 16; t = t.getCause(), depth++) {
            Metadata trailers = trailers(t);
            if (trailers != null && trailers.containsKey(TRAILER)) {
                return parse(trailers);
            }
        }
        return Optional.empty();
    }

    private static Optional<Error> parse(Metadata trailers) {
        try {
            return Optional.ofNullable(trailers.get(TRAILER));
        } catch (IllegalArgumentException e) {
            // Not our message: the status beside it still says what went wrong.
            return Optional.empty();
        }
    }

    private static @Nullable Metadata trailers(Throwable t) {
        if (t instanceof StatusRuntimeException status) {
            return status.getTrailers();
        }
        return t instanceof StatusException status ? status.getTrailers() : null;
    }

    private static String describe(Error error) {
        String text = name(error.getReason()) + ": " + error.getMessage();
        return error.getHint().isEmpty() ? text : text + " (" + error.getHint() + ")";
    }

    private static Map<ErrorReason, ReasonMapping> mappings() {
        Map<ErrorReason, ReasonMapping> mappings = new EnumMap<>(ErrorReason.class);
        for (ErrorReason reason : ErrorReason.values()) {
            if (reason != ErrorReason.UNRECOGNIZED) {
                mappings.put(reason, mapping(reason));
            }
        }
        return mappings;
    }

    private static ReasonMapping mapping(ErrorReason reason) {
        return reason.getValueDescriptor().getOptions().getExtension(Options.mapping);
    }
}
